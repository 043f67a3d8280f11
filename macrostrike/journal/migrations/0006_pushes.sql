-- Which state of a prediction the outcome webhook has taken last, until the prediction has ended.

CREATE TABLE pushes (
    digest TEXT PRIMARY KEY,
    state TEXT NOT NULL
);
