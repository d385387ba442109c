//! A face as it is kept: the one that counts, the one before it, and how often it was changed.

use super::Face;
use crate::entries::section;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::media::record;
use crate::screening;
use crate::settings;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const FACE: &str = "face";

/// What is kept under the name of the setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// How often it was changed.
    pub revision: u64,
    /// The face that counts.
    pub current: Face,
    /// The one it took the place of.
    pub previous: Option<Face>,
}

/// The face of this site. One that this version cannot read is as if none was chosen: a site that looks
/// as it always did is better than none.
pub async fn load<C: ConnectionTrait>(db: &C) -> Result<Stored> {
    let known: Option<serde_json::Value> = settings::get(db, FACE).await?;
    Ok(known.map_or_else(Stored::default, read))
}

fn read(value: serde_json::Value) -> Stored {
    serde_json::from_value(value).unwrap_or_else(|error| {
        tracing::warn!(
            error = crate::error::chain(&error),
            "the face of the site cannot be read; it looks as if none was chosen"
        );
        Stored::default()
    })
}

/// Puts `face` in the place of the one with `revision`, which is kept to be gone back to.
pub async fn save(tx: &DatabaseTransaction, face: Face, revision: u64) -> Result<()> {
    let face = face.checked()?;
    let stored = seen(tx, revision).await?;
    whole(tx, &face).await?;
    screening::allow_text(tx, "face", &face.words()).await?;
    put(tx, stored, face).await
}

/// Goes back to the face before the one with `revision`; doing it again comes back.
pub async fn undo(tx: &DatabaseTransaction, revision: u64) -> Result<()> {
    let stored = seen(tx, revision).await?;
    let previous = stored.previous.clone();
    let previous = previous.ok_or_else(|| Error::Conflict("Chưa có bản trước.".to_owned()))?;
    put(tx, stored, previous).await
}

async fn put(tx: &DatabaseTransaction, stored: Stored, face: Face) -> Result<()> {
    let next = Stored {
        revision: stored.revision + 1,
        current: face,
        previous: Some(stored.current),
    };
    settings::set(tx, FACE, &next).await
}

/// What is stored, if it is still what the person saw.
async fn seen(tx: &DatabaseTransaction, revision: u64) -> Result<Stored> {
    let known: Option<serde_json::Value> = settings::get_to_change(tx, FACE).await?;
    let stored = known.map_or_else(Stored::default, read);
    match stored.revision == revision {
        true => Ok(stored),
        false => Err(Error::Conflict(
            "Giao diện vừa được người khác đổi. Hãy mở lại trang này để xem bản mới rồi sửa tiếp."
                .to_owned(),
        )),
    }
}

/// Refuses a face that names what is not here.
async fn whole(tx: &DatabaseTransaction, face: &Face) -> Result<()> {
    for picture in face.pictures() {
        let medium = record::find(tx, picture).await?;
        if !medium.is_some_and(|medium| medium.is_here() && medium.mime.starts_with("image/")) {
            let field = match face.emblem == Some(picture) {
                true => "emblem_file",
                false => "banners",
            };
            let words = "Ảnh này không còn trong máy chủ; hãy tải lên lại.";
            return Err(Error::invalid(field, words));
        }
    }
    let sections = section::Tree::load(tx).await?;
    if face.sections().any(|code| sections.get(code).is_none()) {
        let words = "Một chuyên mục được chọn không còn nữa; hãy chọn lại.";
        return Err(Error::invalid("menu", words));
    }
    Ok(())
}

/// The pictures of the face that counts and of the one before it: neither may lose any.
pub async fn pictures<C: ConnectionTrait>(db: &C) -> Result<HashSet<Digest>> {
    let stored = load(db).await?;
    let both = std::iter::once(&stored.current).chain(&stored.previous);
    Ok(both.flat_map(Face::pictures).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Palette;
    use crate::testing::{self, TestSite};

    async fn change(site: &TestSite, palette: Palette, revision: u64) -> Result<()> {
        let face = Face {
            palette,
            ..Face::default()
        };
        site.db
            .write(move |tx| Box::pin(async move { save(tx, face, revision).await }))
            .await
    }

    async fn back(site: &TestSite, revision: u64) -> Result<()> {
        site.db
            .write(move |tx| Box::pin(async move { undo(tx, revision).await }))
            .await
    }

    async fn palette(site: &TestSite) -> (u64, Palette) {
        let stored = load(site.db.reader()).await.expect("reads");
        (stored.revision, stored.current.palette)
    }

    #[tokio::test]
    async fn one_goes_back_and_comes_back_and_nobody_overwrites_what_they_did_not_see() {
        let site = testing::site().await;
        assert!(
            matches!(back(&site, 0).await, Err(Error::Conflict(_))),
            "there is none before the first"
        );
        change(&site, Palette::Lam, 0).await.expect("saves");
        change(&site, Palette::La, 1).await.expect("saves");
        for revision in [0, 1, 3] {
            let late = change(&site, Palette::Sim, revision).await;
            assert!(matches!(late, Err(Error::Conflict(_))), "{revision}");
        }
        assert_eq!(palette(&site).await, (2, Palette::La));
        back(&site, 2).await.expect("goes back");
        assert_eq!(palette(&site).await, (3, Palette::Lam));
        back(&site, 3).await.expect("comes back");
        assert_eq!(palette(&site).await, (4, Palette::La));
        assert!(matches!(back(&site, 3).await, Err(Error::Conflict(_))));
    }

    #[tokio::test]
    async fn what_is_not_here_is_not_shown() {
        let site = testing::site().await;
        let emblem = Face {
            emblem: Some(Digest::of(b"chua tung co")),
            ..Face::default()
        };
        let section = Face {
            blocks: vec![crate::face::Block::Section("khong-co".to_owned())],
            ..Face::default()
        };
        for (face, field) in [(emblem, "emblem_file"), (section, "menu")] {
            let saved = site
                .db
                .write(move |tx| Box::pin(async move { save(tx, face, 0).await }));
            match saved.await {
                Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, field),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_as_if_nothing_was_chosen() {
        let told = serde_json::json!({ "current": { "palette": "hong" } });
        assert_eq!(read(told), Stored::default());
    }
}
