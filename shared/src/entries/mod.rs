//! What is published: entries, their kinds, revisions and bodies, and the search over them.
