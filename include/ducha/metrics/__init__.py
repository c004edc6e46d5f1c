"""Every formula of the supervision metrics: pure functions on frames."""
