"""MacroStrike: confidence-gated strikes for a fleet of 25 on-chain bots."""

__version__ = "0.1.0"
