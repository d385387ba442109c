//! Album ảnh: pictures in their order, each with a caption, what it shows, and whose it is. What a draft
//! knows of them is in [`newsroom::pictures`](crate::newsroom::pictures).

use crate::entries::item::{Attachment, Item, ItemError, MediaRole, bound};

/// The pictures of an album, in their order.
pub fn pictures(item: &Item) -> impl Iterator<Item = &Attachment> {
    item.attachments
        .iter()
        .filter(|attachment| attachment.role == MediaRole::Album)
}

pub(super) fn check(item: &Item) -> Result<(), ItemError> {
    bound(
        pictures(item).next().is_some(),
        "attachments",
        "album phải có ít nhất một ảnh",
    )
}

pub(super) fn words(item: &Item) -> String {
    let captions = pictures(item).filter_map(|picture| picture.title.as_deref());
    captions.collect::<Vec<_>>().join(" ")
}
