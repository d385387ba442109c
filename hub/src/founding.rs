//! The first day of a province's hub.

use crate::own_key;
use crate::routing::route;
use crate::sections;
use shared::audit::{self, Action, Actor, Subject};
use shared::directory::{Mode, State, key_record, site_record};
use shared::entries::section;
use shared::folder::{Folder, NewSettings};
use shared::portal::{self, Identity};
use shared::storage::Db;
use shared::units::attribute::{self, Attribute};
use uuid::Uuid;

/// The province whose hub it is to be.
#[derive(Clone, Debug)]
pub struct Province {
    /// Its id, if it has one already.
    pub unit: Option<Uuid>,
    /// What holds of it.
    pub attributes: Vec<Attribute>,
    /// Code of its kind, for its sections.
    pub kind: String,
}

/// Makes the folder of a hub: settings, key, database, sections, first routes, and the hub's own
/// description in its log for the members to come.
pub async fn found(folder: &Folder, new: &NewSettings, province: Province) -> anyhow::Result<()> {
    let key = folder.create(new)?;
    let settings = folder.settings()?;
    let db = Db::open::<migrations::HubSchema>(&folder.database(&settings)?).await?;
    let identity = Identity {
        site: Uuid::now_v7(),
        unit: province.unit.unwrap_or_else(Uuid::now_v7),
    };
    let sections = sections::for_kind(&province.kind)?;
    let emergency = folder.create_emergency_key()?.public_key();
    let (public, title) = (key.public_key(), new.title.clone());
    let base_url = settings.site.base_url.origin().ascii_serialization();
    let now = shared::clock::Clock::system().now().timestamp_millis();
    db.write(move |tx| {
        Box::pin(async move {
            portal::found(tx, identity).await?;
            attribute::replace(tx, identity.unit, &province.attributes).await?;
            let record = site_record::Model {
                id: identity.site,
                unit_id: identity.unit,
                mode: Mode::Native.as_str().to_owned(),
                state: State::Active.as_str().to_owned(),
                base_url,
                title,
                described_at: now,
            };
            site_record::put(tx, record).await?;
            key_record::put(tx, identity.site, &public, now, None, None).await?;
            own_key::put_emergency(
                tx,
                identity.site,
                &emergency,
                shared::clock::from_millis(now),
            )
            .await?;
            section::put_all(tx, &sections).await?;
            for route in route::defaults(identity.unit) {
                route::add(tx, &route).await?;
            }
            let by = Actor::CommandLine;
            audit::record(tx, &by, Action::Founded, Subject::none(), now).await
        })
    })
    .await?;
    db.close().await?;
    let (site, _) =
        portal::open::<migrations::HubSchema>(folder, std::sync::Arc::new(crate::relay::Relay))
            .await?;
    own_key::introduce(&site).await?;
    Ok(())
}
