"""What every app stands on: money, dates, words, numbers, charts, PDF. No models."""
