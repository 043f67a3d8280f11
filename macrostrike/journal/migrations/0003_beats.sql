-- When a run last said that it works: what a watchdog looks at.
ALTER TABLE runs ADD COLUMN beat_at DOUBLE PRECISION;
