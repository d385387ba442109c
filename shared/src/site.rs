//! One portal at run time: identity, keys, storage, clock and client, handed to everything else.
