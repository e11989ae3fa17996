"""The page in the browser: one Streamlit script, read top to bottom, and what it is made of."""
