"""Messages to tokens: the models, the process that runs one, and the clients of it."""
