"""The page: layout (ui, tabs, components), handlers (plain functions, no gradio), rendering (values → components)."""
