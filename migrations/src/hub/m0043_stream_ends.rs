use crate::Change;
use crate::change::index;

/// The end of each lane of the stream, without sorting all of it: what waits for all members is counted there.
pub(crate) fn change() -> Change {
    Change {
        name: "h0043_stream_ends",
        parts: vec![index("stream", ["lane", "position"])],
    }
}
