//! Atom, RSS and JSON Feed: written for everybody, read from portals that are not ours.
