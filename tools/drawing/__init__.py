"""Drawing of diagrams: lines laid out again where a diagram changed, and the picture as SVG."""
