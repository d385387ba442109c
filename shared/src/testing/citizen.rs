//! Somebody who asks, for tests.

use crate::citizens::case::{self, Asked, Words};
use crate::citizens::code::Receipt;
use crate::citizens::letter::Head;
use crate::citizens::thread::Picture;
use crate::citizens::{Kind, Message};
use crate::site::Site;
use std::sync::Arc;
use uuid::Uuid;

/// What somebody asked.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: Uuid,
    /// The message it begins with.
    pub first_message: Uuid,
    /// What finds it again.
    pub receipt: Receipt,
}

/// Somebody reports `subject` at `site` to the unit `to`, with a picture.
///
/// # Panics
/// When it cannot be kept.
pub async fn report(site: &Arc<Site>, to: Uuid, subject: &str) -> Case {
    let head = Head {
        kind: Kind::Feedback,
        origin: site.unit_id,
        entry: None,
        subject: subject.to_owned(),
        place: Some("Cầu treo thôn 5".to_owned()),
        asker: Some("Nguyễn Văn Ví".to_owned()),
        contact: None,
        may_publish: false,
        office: None,
        reply_key: None,
    };
    let picture = Picture {
        bytes: vec![0xFF, 0xD8, 0xFF],
        width: 4,
        height: 3,
    };
    let words = format!("{subject} Mong xã xem giúp.");
    ask(site, to, head, words, vec![picture]).await
}

/// Somebody comments at `site` on the draft `entry` of the unit `to`, without a name.
///
/// # Panics
/// When it cannot be kept.
pub async fn comment(site: &Arc<Site>, to: Uuid, entry: Uuid, words: &str) -> Case {
    let head = Head {
        kind: Kind::Comment,
        origin: site.unit_id,
        entry: Some(entry),
        subject: String::new(),
        place: None,
        asker: None,
        contact: None,
        may_publish: false,
        office: None,
        reply_key: None,
    };
    ask(site, to, head, words.to_owned(), Vec::new()).await
}

async fn ask(
    site: &Arc<Site>,
    to: Uuid,
    head: Head,
    words: String,
    pictures: Vec<Picture>,
) -> Case {
    let receipt = Receipt::generate().expect("randomness");
    let asked = Asked {
        id: Uuid::now_v7(),
        head,
        to,
        words: Words::Plain(words),
        pictures,
    };
    let (inner, given, id) = (Arc::clone(site), receipt.clone(), asked.id);
    let opened = site
        .db
        .write(move |tx| Box::pin(async move { case::open(tx, &inner, asked, &given).await }));
    assert!(opened.await.expect("is kept"));
    let first_message = thread(site, id).await[0].id;
    Case {
        id,
        first_message,
        receipt,
    }
}

/// What `site` knows was said about the case `id`.
///
/// # Panics
/// When it cannot be read.
pub async fn thread(site: &Site, id: Uuid) -> Vec<Message> {
    case::of_case(site.db.reader(), id).await.expect("reads")
}
