-- Which process a run is, so that the next one of its kind can tell whether it crashed.

ALTER TABLE runs ADD COLUMN holder TEXT;
