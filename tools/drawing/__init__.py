"""Drawing of diagrams: lines laid out anew where a diagram changed, and the picture as SVG."""
