//! How long a backup, a drill and a rebuilding take, beside copying the same bytes.
//!
//! ```sh
//! cargo build --release -p hub -p member-site
//! cargo run --release -p tests --example rebuild_figures -- 10000 2048    # entries, MiB of media
//! ```
//!
//! Loopback only, in a temporary folder, and it ends by itself. Without arguments: 300 entries and
//! 32 MiB, in less than a minute.

use migrations::SiteSchema;
use shared::entries::item::Fields;
use shared::entries::{Item, Kind, Mode, apply, placement, record};
use shared::folder::Folder;
use shared::log::{EventKind, NewEvent, append};
use shared::media::record::{NewMedium, put_here};
use shared::portal;
use shared::site::Site;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Backend, NewMember, Province};
use uuid::Uuid;

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(3600);
/// The size of a picture, as a phone makes them.
const PICTURE: usize = 200 * 1024;
/// Entries of one transaction while seeding.
const AT_ONCE: usize = 200;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let entries = arguments.next().transpose()?.unwrap_or(300);
    let mebibytes = arguments.next().transpose()?.unwrap_or(32);

    let province = Province::found(Backend::Sqlite).await;
    let new = NewMember::behind_nat("xã Kon Braih");
    let invitation = province.invite(&new).await;
    let member = province
        .answer(&invitation, new)
        .await
        .map_err(anyhow::Error::msg)?;
    let folder = member.folder().to_path_buf();
    seed(&folder, entries, mebibytes).await?;
    let bytes = size_of(&folder)?;
    println!(
        "{entries} entries, {mebibytes} MiB of media: {} MiB in all",
        mib(bytes)
    );

    let copy = folder.with_extension("copied");
    let copying = timed(|| copy_synced(&folder, &copy))?;
    fs::remove_dir_all(&copy)?;
    let (first, _) = member.takes(&["backup"], PATIENCE).await;
    seed(&folder, 1, 0).await?;
    let (again, said) = member.takes(&["backup"], PATIENCE).await;
    let (drill, _) = member.takes(&["drill"], PATIENCE).await;
    let key = fs::read_to_string(folder.join("recovery.key"))?;
    fs::remove_dir_all(&folder)?;
    let code = province.allow_rebuilding(&member.id).await;
    let hub = province.hub.base_url();
    let rebuild = [
        "rebuild",
        "--hub",
        hub.as_str(),
        "--code",
        &code,
        "--recovery-key",
        key.trim(),
    ];
    let (rebuilding, table) = member.takes(&rebuild, PATIENCE).await;

    let vault = size_of(&province.hub.folder().join("vault"))?;
    let row = |name: &str, took: Duration| {
        let pace = bytes as f64 / 1_048_576.0 / took.as_secs_f64();
        println!("{name:44} {:>8.2} s {pace:>8.1} MiB/s", took.as_secs_f64());
    };
    row("copying the folder, synced", copying);
    row("first backup into the vault", first);
    row("backup after one more entry", again);
    row("drill, all media read back", drill);
    row("rebuilding from the vault", rebuilding);
    println!(
        "the vault: {} MiB; the second backup said: {}",
        mib(vault),
        said.trim()
    );
    println!("{table}");
    Ok(())
}

fn mib(bytes: u64) -> u64 {
    bytes / 1_048_576
}

fn timed(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// Publishes entries on the site in `folder`, which nobody serves, and gives it pictures.
async fn seed(folder: &Path, entries: usize, mebibytes: usize) -> anyhow::Result<()> {
    let role = Arc::new(member_site::inbox::Member);
    let (site, _) = portal::open::<SiteSchema>(&Folder::at(folder), role).await?;
    let mut left = entries;
    while left > 0 {
        let now = left.min(AT_ONCE);
        publish(&site, now).await?;
        left -= now;
    }
    for _ in 0..(mebibytes * 1_048_576).div_ceil(PICTURE) {
        let bytes: Vec<u8> = (0..PICTURE / 8)
            .flat_map(|_| rand::random::<u64>().to_le_bytes())
            .collect();
        let medium = NewMedium {
            digest: site.media.keep(&bytes).await?,
            mime: "image/jpeg".to_owned(),
            size: bytes.len() as u64,
            dimensions: None,
        };
        let at = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| Box::pin(async move { put_here(tx, &medium, at).await }))
            .await?;
    }
    site.db.clone().close().await?;
    Ok(())
}

async fn publish(site: &Arc<Site>, entries: usize) -> anyhow::Result<()> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for _ in 0..entries {
                    let id = Uuid::now_v7();
                    let item = article(&inner, id);
                    let event = NewEvent {
                        kind: EventKind::EntryPublished,
                        lane: EventKind::EntryPublished.lane(),
                        unit: inner.unit_id,
                        entry: Some(id),
                        rev: 1,
                        content: Some(serde_json::to_value(&item).map_err(anyhow::Error::new)?),
                        to: None,
                    };
                    let stored = append(tx, &inner, event).await?;
                    apply::apply(tx, &stored, Some(&item)).await?;
                    let now = inner.clock.now().timestamp_millis();
                    placement::arrive(tx, id, "tin-tuc", Mode::Own, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// An article of some four thousand signs, each another.
fn article(site: &Site, id: Uuid) -> Item {
    let title = format!("Bà con vào vụ {}", id.simple());
    let words: Vec<String> = (0..400)
        .map(|_| format!("{:x}", rand::random::<u32>()))
        .collect();
    Item {
        id: Item::id_of(id),
        url: site.address(&record::path_of(Kind::Article, &title, id)),
        content_html: format!("<p>{}</p>", words.join(" ")),
        title,
        summary: None,
        date_published: site.clock.now(),
        date_modified: None,
        authors: Vec::new(),
        language: "vi".to_owned(),
        image: None,
        tags: Vec::new(),
        attachments: Vec::new(),
        fields: Fields {
            section: "tin-tuc".to_owned(),
            ..Fields::default()
        },
    }
}

fn size_of(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.metadata()? {
            about if about.is_dir() => size_of(&entry.path())?,
            about => about.len(),
        };
    }
    Ok(bytes)
}

/// What a person would do who had the bytes at hand: copy them, and have them on the disk.
fn copy_synced(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let into = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_synced(&entry.path(), &into)?;
        } else {
            fs::copy(entry.path(), &into)?;
            fs::File::open(&into)?.sync_all()?;
        }
    }
    Ok(())
}
