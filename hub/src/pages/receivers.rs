//! Whom something goes to, as forms ask it: everybody, units of some kinds, a unit with those below it, or chosen ones.

use super::routes::LEVELS;
use crate::routing::preview::{Receiver, Standing};
use shared::directory::site_record;
use shared::error::Result;
use shared::pages::view::{Badge, RouteReceiver, Tone};
use shared::site::Site;
use shared::sync::Selector;
use shared::units::{self, Tree};
use shared::vietnamese;
use uuid::Uuid;

/// What there is to choose from.
pub(super) struct Ground {
    pub(super) tree: Tree,
    pub(super) members: Vec<site_record::Model>,
}

impl Ground {
    pub(super) async fn read(site: &Site) -> Result<Self> {
        let db = site.db.reader();
        let today = vietnamese::local(site.clock.now()).date_naive();
        let tree = units::tree_on(db, today).await?;
        let mut members = site_record::all(db).await?;
        members.retain(|member| member.id != site.id && !member.is_closed());
        members.sort_by_cached_key(|member| vietnamese::fold(&tree.name_of(member.unit_id)));
        Ok(Self { tree, members })
    }

    /// The unit of that id, if it has a portal or units below it.
    pub(super) fn unit(&self, id: &str) -> Option<Uuid> {
        let id = id.parse().ok()?;
        self.tree.get(id).map(|unit| unit.id)
    }

    /// The units that have others below them, by name.
    pub(super) fn above(&self) -> Vec<Uuid> {
        let parents = self.members.iter().flat_map(|member| {
            let parent = self.tree.get(member.unit_id).and_then(|unit| unit.parent);
            parent.into_iter()
        });
        let mut above: Vec<Uuid> = parents.collect();
        above.sort_unstable();
        above.dedup();
        above.sort_by_cached_key(|unit| vietnamese::fold(&self.tree.name_of(*unit)));
        above
    }
}

/// What is filled in.
pub(super) struct Chosen<'a> {
    /// `everyone`, `levels`, `below` or `units`.
    pub(super) to: &'a str,
    pub(super) kinds: &'a [String],
    pub(super) below: &'a str,
    pub(super) units: &'a [String],
}

impl Chosen<'_> {
    /// The sets of members that are meant, or what is lacking, in words; none where `to` is none of these.
    pub(super) fn sets(
        &self,
        ground: &Ground,
    ) -> Option<std::result::Result<Vec<Selector>, &'static str>> {
        let some = |found: Option<Vec<Selector>>, otherwise: &'static str| match found {
            Some(found) if !found.is_empty() => Ok(found),
            _ => Err(otherwise),
        };
        Some(match self.to {
            "everyone" => Ok(vec![Selector::Everyone]),
            "levels" => some(
                self.kinds
                    .iter()
                    .map(|kind| {
                        let is_known = LEVELS.iter().any(|(code, _)| code == kind);
                        is_known.then(|| Selector::Level(kind.clone()))
                    })
                    .collect(),
                "Hãy đánh dấu ít nhất một loại đơn vị.",
            ),
            "below" => some(
                ground
                    .unit(self.below)
                    .map(|unit| vec![Selector::Subtree(unit)]),
                "Hãy chọn đơn vị cấp trên.",
            ),
            "units" => some(
                self.units
                    .iter()
                    .map(|unit| ground.unit(unit).map(Selector::Unit))
                    .collect(),
                "Hãy đánh dấu ít nhất một đơn vị nhận.",
            ),
            _ => return None,
        })
    }
}

/// A member that would receive, as pages show it.
pub(super) fn receiver(one: Receiver) -> RouteReceiver {
    RouteReceiver {
        name: one.name,
        badge: match one.standing {
            Standing::Connected => None,
            Standing::Suspended => Some(Badge::new("đang tạm dừng", Tone::Warning)),
            Standing::Invited => Some(Badge::new("chưa vào mạng", Tone::Quiet)),
            Standing::Foreign => Some(Badge::new("phần mềm khác", Tone::Warning)),
        },
    }
}
