"""Messages to tokens: the models, the process that runs one, and its faces."""
