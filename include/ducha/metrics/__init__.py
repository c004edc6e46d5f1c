"""What the facts of a week say (指标): completion, states, lights, verification, roll-ups. Pure functions on frames."""
