"""What each action of the page does: plain functions and generators of plain values; no gradio here.

asks      what a visitor asks of one checkpoint, checked
looking   how a checkpoint reads a text: what a slider or a click on a token does
writing   one checkpoint at work on a text, token by token
classify  its classes, over the gate bias and token by token
"""
