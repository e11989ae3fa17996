"""Questions with known answers -> numbers: how well Lectern finds, cuts up and answers."""
