"""What holds for every backbone, cell and variant behind the seam."""

from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import KINDS, TRAINED, VOCAB, Sentences, tiny
from torch import Tensor

from nmt import recipe, weights
from nmt.data.batches import collate, collate_source
from nmt.decoding.search import score, search
from nmt.models.ensemble import Ensemble
from nmt.recipe import SearchConfig
from nmt.tokens import BOS

close = torch.testing.assert_close


def log_probs(model: Any, s: Sentences) -> Tensor:
    """(B, T, V) by one long decode."""
    memory = model.encode(s.src, s.mask)
    features = model.decode(s.tgt_in, model.initial_state(memory, len(s.src)), memory).features
    return model.logits(features).log_softmax(-1)


def test_one_token_at_a_time_gives_the_logits_of_all_at_once(model: Any, sentences: Sentences) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    state, steps = model.initial_state(memory, 4), []
    for token in sentences.tgt_in.split(1, dim=1):
        decoded = model.decode(token, state, memory)
        state = decoded.state
        steps.append(model.logits(decoded.features).log_softmax(-1))
    close(torch.cat(steps, 1), log_probs(model, sentences))


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_prefix_and_then_the_rest_gives_the_logits_of_all_at_once(model: Any, sentences: Sentences, cut: int) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    first = model.decode(sentences.tgt_in[:, :cut], model.initial_state(memory, 4), memory)
    rest = model.decode(sentences.tgt_in[:, cut:], first.state, memory)
    features = torch.cat([first.features, rest.features], 1)
    close(model.logits(features).log_softmax(-1), log_probs(model, sentences))


def test_the_future_is_not_seen(model: Any, sentences: Sentences) -> None:
    before = log_probs(model, sentences)
    sentences.tgt_in[:, 3:] = (sentences.tgt_in[:, 3:] + 5) % VOCAB
    after = log_probs(model, sentences)
    close(after[:, :3], before[:, :3])
    reads_what_it_wrote = model.config.family != "lexical"
    assert torch.allclose(after[:, 3:], before[:, 3:]) != reads_what_it_wrote


def test_padding_changes_nothing(model: Any, sentences: Sentences) -> None:
    together = log_probs(model, sentences)
    for i, (src, tgt) in enumerate(zip(sentences.src_lists, sentences.tgt_lists, strict=True)):
        alone = collate([src], [tgt])
        one = Sentences(alone.src, alone.src_mask, alone.tgt_in, alone.tgt_out, [src], [tgt])
        close(together[i : i + 1, : len(tgt) + 1], log_probs(model, one))


def test_every_source_token_matters(model: Any, sentences: Sentences) -> None:
    before = log_probs(model, sentences)
    for place in range(int(sentences.mask[0].sum()) - 1):
        changed = sentences.src.clone()
        changed[0, place] = 4 + (changed[0, place] - 3) % (VOCAB - 4)
        after = log_probs(model, Sentences(changed, *list(vars(sentences).values())[1:]))
        assert not torch.allclose(after[0], before[0])
        close(after[1:], before[1:])


def test_selecting_rows_is_running_again_on_those_rows(model: Any, sentences: Sentences) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    state = model.decode(sentences.tgt_in[:, :3], model.initial_state(memory, 4), memory).state
    rows = torch.tensor([2, 0, 3])
    picked = model.decode(sentences.tgt_in[rows, 3:5], state.select(rows), memory.select(rows)).features
    again = log_probs(model, Sentences(sentences.src[rows], sentences.mask[rows], sentences.tgt_in[rows], *[None] * 3))  # type: ignore[arg-type]
    close(model.logits(picked).log_softmax(-1), again[:, 3:5])


def test_hypotheses_of_a_sentence_share_its_memory(model: Any, sentences: Sentences) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    tgt = sentences.tgt_in.repeat_interleave(3, 0)
    tgt[1::3, 1:] = (tgt[1::3, 1:] + 3) % VOCAB
    shared = model.decode(tgt, model.initial_state(memory, 12), memory).features
    repeated = model.encode(sentences.src.repeat_interleave(3, 0), sentences.mask.repeat_interleave(3, 0))
    close(shared, model.decode(tgt, model.initial_state(repeated, 12), repeated).features)


def test_attention_sums_to_one_and_is_zero_on_padding(model: Any, sentences: Sentences) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    maps = model.decode(sentences.tgt_in, model.initial_state(memory, 4), memory, attention=True).maps
    if model.config.family == "recurrent" and model.config.score == "none":
        assert maps is None
        return
    assert maps.shape[0] == 4
    assert maps.shape[2:] == (sentences.tgt_in.size(1), sentences.src.size(1))
    close(maps.sum(-1), torch.ones_like(maps[..., 0]))
    assert maps.masked_select(~sentences.mask[:, None, None]).abs().max() == 0


def test_asking_for_attention_changes_no_feature(model: Any, sentences: Sentences) -> None:
    memory = model.encode(sentences.src, sentences.mask)
    plain, shown = (
        model.decode(sentences.tgt_in, model.initial_state(memory, 4), memory, attention=wanted).features
        for wanted in (False, True)
    )
    close(plain, shown)


SEARCHES = {
    "greedy": SearchConfig(beam=1),
    "beam": SearchConfig(beam=4, nbest=3),
    "sample": SearchConfig(sample=True, nbest=2, temperature=0.7, top_k=9, top_p=0.9),
    "blocked": SearchConfig(beam=3, no_repeat_ngram=2, length_penalty=0.0),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_batched_search_finds_what_searches_one_by_one_find(model: Any, sentences: Sentences, name: str) -> None:
    config = SEARCHES[name]
    together = search(model, sentences.src, sentences.mask, config, seeds=[9, 8, 7, 6])
    for i, src in enumerate(sentences.src_lists):
        alone = search(model, *collate_source([src]), config, seeds=[9 - i])[0]
        assert [h.tokens for h in alone] == [h.tokens for h in together[i]]
        assert [h.log_prob for h in alone] == pytest.approx([h.log_prob for h in together[i]])


@pytest.mark.parametrize("name", SEARCHES)
def test_force_scoring_a_found_hypothesis_gives_its_log_probability(
    model: Any, sentences: Sentences, name: str
) -> None:
    checked = 0
    for src, found in zip(
        sentences.src_lists, search(model, sentences.src, sentences.mask, SEARCHES[name]), strict=True
    ):
        for hypothesis in found:
            batch = collate([src], [list(hypothesis.tokens)])
            scores = score(model, batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)[0]
            if not hypothesis.ended:
                scores = scores[:-1]
            assert float(scores.sum()) == pytest.approx(hypothesis.log_prob)
            checked += 1
    assert checked >= 4


def test_an_ensemble_of_a_model_with_itself_is_the_model(model: Any, sentences: Sentences) -> None:
    close(log_probs(Ensemble([model, model]), sentences), log_probs(model, sentences))


def test_an_ensemble_has_the_mean_of_the_probabilities(sentences: Sentences) -> None:
    members = [tiny(kind, seed=seed) for seed, kind in enumerate(("rnn-gru", "attention-lstm-deep", "transformer-pre"))]
    mean = torch.stack([log_probs(member, sentences).exp() for member in members]).mean(0)
    close(log_probs(Ensemble(members), sentences).exp(), mean)


def test_a_model_overfits_eight_pairs(trained_model: Any) -> None:
    generator = torch.Generator().manual_seed(3)
    src = [torch.randint(4, VOCAB, (n % 5 + 2,), generator=generator).tolist() for n in range(8)]
    tgt = [torch.randint(4, VOCAB, (n % 4 + 2,), generator=generator).tolist() for n in range(8)]
    batch = collate(src, tgt)
    kind = type(trained_model)
    torch.manual_seed(1)
    wide = trained_model.config.model_copy(update={"dim": 32})
    fresh = kind(wide, VOCAB, VOCAB, True)
    optimizer = torch.optim.Adam(fresh.parameters(), lr=5e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss, count = fresh(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
        (loss / count).backward()
        optimizer.step()
    if not getattr(wide, "residual", True):  # from some starts it never gets the last token right
        assert float(loss.detach() / count) < 0.5
        return
    found = search(fresh.eval(), batch.src, batch.src_mask, SearchConfig(beam=1))
    assert [list(hypotheses[0].tokens) for hypotheses in found] == tgt


def test_saved_and_loaded_weights_give_the_same_logits(model: Any, sentences: Sentences, tmp_path: Path) -> None:
    weights.save_tensors(weights.weights_of_model(model), tmp_path / "weights.safetensors")
    other = type(model)(model.config, VOCAB, VOCAB, True).double().eval()
    assert not torch.allclose(log_probs(other, sentences), log_probs(model, sentences))
    weights.load_weights(other, tmp_path / "weights.safetensors")
    close(log_probs(other, sentences), log_probs(model, sentences), rtol=0, atol=0)


def test_a_training_step_changes_every_weight(trained_model: Any, sentences: Sentences) -> None:
    trained_model.train()
    loss, count = trained_model(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out, 0.1)
    (loss / count).backward()
    unmoved = [
        name for name, p in trained_model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())
    ]
    assert unmoved == []


def test_no_module_keeps_a_tensor_between_calls(model: Any, sentences: Sentences) -> None:
    def held() -> set[str]:
        return {
            f"{name}.{key}"
            for name, module in model.named_modules()
            for key, value in vars(module).items()
            if isinstance(value, torch.Tensor)
        }

    before = held()
    log_probs(model, sentences)
    search(model, sentences.src, sentences.mask, SearchConfig(beam=2))
    assert held() == before == set()


def test_all_kinds_are_named_by_their_architecture() -> None:
    assert {arch for arch, _ in KINDS.values()} == set(recipe.ARCHITECTURES)
    assert BOS not in (0, 2)


@pytest.mark.parametrize("kind", TRAINED)
def test_half_precision_trains(kind: str, sentences: Sentences) -> None:
    model = tiny(kind).float().train()
    with torch.autocast("cpu", torch.bfloat16):
        loss, tokens = model(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out, 0.1)
    (loss / tokens).backward()
    trained = [p for p in model.parameters() if p.requires_grad]
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in trained)
    full, _ = model(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out, 0.1)
    assert float(loss.detach() / full.detach()) == pytest.approx(1.0, abs=0.05)
