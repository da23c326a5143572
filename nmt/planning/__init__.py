"""What a training would need, on paper: memory, disk, operations and hours, by formulas and without a model."""
