"""Parts of the page whose Python, JavaScript and style belong together.

Templates are constant; what a user typed reaches the document only through textContent and Plotly's values.
"""
