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
    let receipt = Receipt::generate().expect("randomness");
    let asked = Asked {
        id: Uuid::now_v7(),
        head: Head {
            kind: Kind::Feedback,
            origin: site.unit_id,
            subject: subject.to_owned(),
            place: Some("Cầu treo thôn 5".to_owned()),
            asker: Some("Nguyễn Văn Ví".to_owned()),
            contact: None,
            may_publish: false,
            office: None,
            reply_key: None,
        },
        to,
        words: Words::Plain(format!("{subject} Mong xã xem giúp.")),
        pictures: vec![Picture {
            bytes: vec![0xFF, 0xD8, 0xFF],
            width: 4,
            height: 3,
        }],
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
