//! A face with its pictures, at hand for every page: read when the site starts and when somebody changes
//! it, so that no page asks the database for it.

use super::{Banner, Face, stored};
use crate::entries::section;
use crate::error::Result;
use crate::log::Digest;
use crate::media::record;
use crate::pages::cards;
use crate::pages::view::{MenuItem, Picture};
use crate::site::Site;
use crate::storage::Db;
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How wide the picture of an emblem is asked for.
const EMBLEM: &str = "320.jpg";

/// A face with its pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The face.
    pub face: Face,
    /// Those of its pictures that are here. What was recalled is not, whoever shows it.
    pictures: HashMap<Digest, record::Model>,
}

impl Shown {
    /// The face of the site whose database is `db`.
    pub async fn load(db: &Db) -> Result<Self> {
        let face = stored::load(db.reader()).await?.current;
        let named: Vec<Digest> = face.pictures().collect();
        let hashes = named.iter().map(|one| one.as_bytes().to_vec()).collect();
        let mut found = record::find_many(db.reader(), hashes).await?;
        let here = named.into_iter().filter_map(|digest| {
            let medium = found.remove(digest.as_bytes().as_slice())?;
            medium.is_here().then_some((digest, medium))
        });
        let pictures = here.collect();
        Ok(Self { face, pictures })
    }

    /// Whether it shows the picture `digest`.
    pub fn shows(&self, digest: Digest) -> bool {
        self.pictures.contains_key(&digest)
    }

    /// The address of the emblem.
    pub fn emblem(&self) -> Option<String> {
        let medium = self.pictures.get(&self.face.emblem?)?;
        let path = cards::media_path(&medium.hash)?;
        Some(format!("{path}/{EMBLEM}"))
    }

    /// The banners of `day`, with their pictures.
    pub fn banners(&self, day: NaiveDate) -> impl Iterator<Item = (&Banner, Picture)> {
        let shown = self.face.banners.iter();
        shown
            .filter(move |banner| banner.is_shown_on(day))
            .filter_map(|banner| {
                let medium = self.pictures.get(&banner.picture)?;
                let picture = cards::picture(medium, banner.alt.clone())?;
                Some((banner, picture))
            })
    }

    /// The menu: the unit's own, or that of its sections. What leads to a section that is hidden or no
    /// more is left out.
    pub fn menu(&self, sections: &section::Tree) -> Vec<MenuItem> {
        use super::{Target, page_label};
        let item = |label: &str, url: String| MenuItem {
            label: label.to_owned(),
            url,
            current: false,
        };
        if self.face.menu.is_empty() {
            let all = sections.in_menu();
            return all
                .map(|section| item(&section.name, cards::section_path(&section.code)))
                .collect();
        }
        let steps = self.face.menu.iter().filter_map(|entry| {
            let (usual, url) = match &entry.target {
                Target::Section(code) => {
                    let section = sections.get(code).filter(|section| !section.hidden)?;
                    (section.name.as_str(), cards::section_path(code))
                }
                Target::Address(address) => {
                    (page_label(address).unwrap_or_default(), address.clone())
                }
            };
            let label = match entry.label.is_empty() {
                true => usual,
                false => &entry.label,
            };
            Some(item(label, url))
        });
        steps.collect()
    }
}

/// The face at hand.
#[derive(Debug, Default)]
pub struct Kept(RwLock<Arc<Shown>>);

impl Kept {
    /// `shown`, until it is changed.
    pub fn new(shown: Shown) -> Self {
        Self(RwLock::new(Arc::new(shown)))
    }

    /// The face.
    pub fn get(&self) -> Arc<Shown> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&kept)
    }

    fn put(&self, shown: Shown) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shown);
    }
}

/// Takes up what was changed here, by another process, or by what was recalled.
pub async fn renew(site: &Site) -> Result<()> {
    // A portal shown by another has the face of nobody: that other's is not its own.
    if site.profile.shown_by.is_some() {
        return Ok(());
    }
    let shown = Shown::load(&site.db).await?;
    if *site.face.get() != shown {
        site.face.put(shown);
    }
    Ok(())
}
