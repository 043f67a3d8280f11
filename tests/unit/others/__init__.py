"""Other people's tokens and factories, against every path that holds or moves a token."""
