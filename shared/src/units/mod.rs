//! Administrative units and departments: dated attributes and the tree they form.
