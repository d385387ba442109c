//! A burnt site comes back on another machine.
//!
//! Its newest backup is fetched and compared with its signed manifest; what it said after that is taken
//! back from the hub's log; pictures that are still missing come by hash. A new key is introduced with a
//! one-time code, and the old one asks no more. All of it happens in a folder aside, step by step: who is
//! interrupted goes on where he was, and the site appears under its name only when it is whole.

use crate::join::{self, Join, Said};
use crate::server;
use anyhow::{Context, bail, ensure};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use shared::audit::{self, Action, Kind, Subject};
use shared::backup::keeper::{self, MANIFEST};
use shared::backup::manifest::{self, Comparison, Media};
use shared::backup::progress::Bars;
use shared::backup::repository::{Repository, Restored, sync_all};
use shared::backup::target::{Backend, HubVault};
use shared::backup::{RecoveryKey, Target};
use shared::clock::Clock;
use shared::entries::record;
use shared::folder::Folder;
use shared::http_client::{Client, ClientOptions};
use shared::log::{Digest, ledger};
use shared::media::{self, fetch::Bounds};
use shared::settings;
use shared::site::Site;
use shared::storage::Db;
use shared::sync::enrol::Welcome;
use shared::sync::greeting::{self, Greeted};
use shared::sync::peer::{self, LinkMode};
use shared::sync::recover;
use shared::vietnamese;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// What a burnt site needs.
#[derive(Debug)]
pub struct Rebuild {
    /// Where the hub answers.
    pub hub: Url,
    /// The one-time code from the province; not needed to go on.
    pub code: Option<String>,
    /// What opens the backups; without it only what was published comes back.
    pub key: Option<RecoveryKey>,
    /// Where the backups are.
    pub from: Target,
    /// Where it listens, if no backup says.
    pub listen: SocketAddr,
    /// Where metrics and health are told, if no backup says.
    pub private_listen: Option<SocketAddr>,
}

/// How far a rebuilding has come, kept beside it.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    welcome: Welcome,
    /// The backup that was restored and compared, in words; none while it was not.
    proved: Option<String>,
}

/// Rebuilds a site into `folder`.
pub async fn rebuild(folder: &Folder, rebuild: &Rebuild, bars: Bars) -> anyhow::Result<()> {
    ensure!(
        !folder.has_site(),
        "thư mục {} đã có một trang; hãy chọn thư mục khác",
        folder.root().display()
    );
    let aside = Aside::of(folder);
    let key = Folder::at(&aside.root).key_for_rebuilding()?;
    let mut progress = match aside.progress()? {
        Some(progress) => {
            println!(
                "Làm tiếp lần dựng lại dở dang của {}.",
                progress.welcome.member.title
            );
            progress
        }
        None => {
            let code = rebuild
                .code
                .as_deref()
                .context("cần --code: mã do quản trị tỉnh cấp bằng lệnh hub invite --rebuild")?;
            let said = Said {
                hub: &rebuild.hub,
                code,
                base_url: None,
                link: LinkMode::Pull,
            };
            let progress = Progress {
                welcome: join::introduce(&key, &said, &Clock::system()).await?,
                proved: None,
            };
            aside.note(&progress)?;
            println!(
                "Cổng của tỉnh đã nhận khóa mới của {}; khóa cũ hết hiệu lực.",
                progress.welcome.member.title
            );
            progress
        }
    };
    let welcome = progress.welcome.clone();
    match &rebuild.key {
        Some(recovery_key) => {
            if progress.proved.is_none() {
                let proved = restore(&aside, rebuild, recovery_key, &welcome, bars).await?;
                let site_folder = Folder::at(aside.site());
                if !site_folder.has_recovery_key() {
                    site_folder.keep_recovery_key(recovery_key)?;
                }
                progress.proved = Some(proved);
                aside.note(&progress)?;
            }
        }
        None if progress.proved.is_some() => {}
        None => found_anew(&aside, rebuild, &welcome).await?,
    }
    // The new key takes the place of the one in the backup.
    let site_folder = Folder::at(aside.site());
    let replaced = fs::copy(aside.root.join("key.pem"), aside.site().join("key.pem"));
    replaced.context("không đặt được khóa mới vào trang")?;
    catch_up(&site_folder, &welcome, progress.proved.is_none(), bars).await?;
    if let Some(table) = &progress.proved {
        println!("{table}");
    } else {
        print!("{WHAT_IS_MISSING}");
        // Nobody can open the old backups without their key: new ones begin beside them.
        let opened = server::open(&site_folder).await?;
        if let Err(error) = opened.keeper(Bars::Hidden).renew().await {
            println!(
                "Kho sao lưu cũ chưa được đổi khóa ({error}); chạy sau: member-site recovery-key --new"
            );
            site_folder.keep_recovery_key_if_none()?;
        }
        close(&opened.site).await?;
    }
    aside.appear(folder)?;
    println!(
        "Đã dựng lại {} trong {}. Tiếp theo: member-site serve --dir {1}",
        welcome.member.title,
        folder.root().display()
    );
    if progress.proved.is_none() {
        print!(
            "\n{}\n",
            folder.recovery_key()?.paper(&welcome.member.title)
        );
    }
    Ok(())
}

/// What a site without a backup does not get back.
const WHAT_IS_MISSING: &str = "Dựng lại không có bản sao lưu. ĐÃ LẤY LẠI: mọi bài, văn bản, thông báo đã đăng và đã đến cổng tỉnh,
với đúng mã và địa chỉ; ảnh và tệp mà cổng tỉnh còn giữ. KHÔNG LẤY LẠI ĐƯỢC: tài khoản, bản nháp, quyết định
duyệt bài của nơi khác, cấu hình riêng của trang, và bài đăng trong lúc mất liên lạc với tỉnh.
Hãy tạo lại tài khoản: member-site account add --dir … --login … --name … --role admin,chief_editor
";

/// The folder a site is rebuilt in.
struct Aside {
    root: PathBuf,
}

impl Aside {
    fn of(folder: &Folder) -> Self {
        let mut name = folder.root().file_name().unwrap_or_default().to_os_string();
        name.push(".rebuilding");
        Self {
            root: folder.root().with_file_name(name),
        }
    }

    fn site(&self) -> PathBuf {
        self.root.join("site")
    }

    fn file(&self) -> PathBuf {
        self.root.join("progress.json")
    }

    fn progress(&self) -> anyhow::Result<Option<Progress>> {
        if !self.file().exists() {
            return Ok(None);
        }
        let bytes = fs::read(self.file())?;
        let progress = serde_json::from_slice(&bytes).with_context(|| {
            format!(
                "không đọc được {}; hãy xóa thư mục {} và làm lại với mã mới",
                self.file().display(),
                self.root.display()
            )
        })?;
        Ok(Some(progress))
    }

    fn note(&self, progress: &Progress) -> anyhow::Result<()> {
        let new = self.root.join("progress.json.new");
        fs::write(&new, serde_json::to_vec_pretty(progress)?)?;
        fs::File::open(&new)?.sync_all()?;
        fs::rename(&new, self.file())?;
        fs::File::open(&self.root)?.sync_all()?;
        Ok(())
    }

    /// Gives the whole site its name.
    fn appear(&self, folder: &Folder) -> anyhow::Result<()> {
        let site = self.site();
        for passing in [MANIFEST, "backup"] {
            let passing = site.join(passing);
            if passing.is_dir() {
                fs::remove_dir_all(&passing)?;
            } else if passing.exists() {
                fs::remove_file(&passing)?;
            }
        }
        sync_all(&site)?;
        if folder.root().exists() {
            // An empty folder made beforehand is fine; anything in it is somebody's.
            fs::remove_dir(folder.root())
                .with_context(|| format!("thư mục {} không trống", folder.root().display()))?;
        }
        fs::rename(&site, folder.root())
            .with_context(|| format!("không đặt được trang vào {}", folder.root().display()))?;
        if let Some(above) = folder.root().parent().filter(|above| above.is_dir()) {
            fs::File::open(above)?.sync_all()?;
        }
        fs::remove_dir_all(&self.root)?;
        Ok(())
    }
}

/// Fetches the newest backup and compares it with its manifest, to the last row and byte.
async fn restore(
    aside: &Aside,
    rebuild: &Rebuild,
    recovery_key: &RecoveryKey,
    welcome: &Welcome,
    bars: Bars,
) -> anyhow::Result<String> {
    let http = Client::new(ClientOptions::default())?;
    let backend = match &rebuild.from {
        Target::Hub => Backend::of_hub(HubVault::before_there_is_a_site(
            http,
            Folder::at(&aside.root).key_for_rebuilding()?,
            &rebuild.hub,
            welcome.hub.keys.iter().map(|known| known.key),
            welcome.member.site,
        )),
        elsewhere => Backend::without_site(http, elsewhere)?,
    };
    let cache = aside.root.join("cache");
    let repository = Repository::new(backend, recovery_key.clone(), cache, bars);
    let newest = repository
        .snapshots()
        .await?
        .pop()
        .with_context(|| format!("{} chưa có bản sao lưu nào của trang này; nếu chắc chắn như vậy, chạy lại với --without-backup", rebuild.from))?;
    println!(
        "Bản sao lưu mới nhất: {} lúc {} ({} tệp, {})",
        newest.short_id(),
        vietnamese::date_time(newest.at),
        newest.files,
        shared::backup::cli::size(newest.bytes)
    );
    repository
        .restore(newest.id.clone(), aside.site(), Restored::Everything)
        .await?;
    let media = verify_media(&aside.site().join("media"), bars).await?;
    let (signed, comparison) = keeper::prove(&aside.site(), media).await?;
    let told = &signed.manifest;
    ensure!(
        (told.site, told.unit) == (welcome.member.site, welcome.member.unit.id),
        "bản sao lưu này là của một trang khác, không phải {}",
        welcome.member.title
    );
    ensure!(
        comparison.is_equal(),
        "bản dựng lại khác bản kê đã ký: {}",
        comparison.differences()
    );
    Ok(in_words(&comparison, told.time))
}

fn in_words(comparison: &Comparison, at: chrono::DateTime<chrono::Utc>) -> String {
    format!(
        "So với bản kê đã ký lúc {}:\n{}",
        vietnamese::date_time(at),
        comparison.table()
    )
}

/// Reads every picture and file and compares it with its name; one that is not what it says is taken
/// away, so that it is fetched by its name instead.
async fn verify_media(root: &Path, bars: Bars) -> anyhow::Result<Media> {
    let root = root.to_path_buf();
    tokio::task::spawn_blocking(move || {
        let files = manifest::media_files(&root)?;
        let bar = bars.bytes(
            "Đang kiểm tra ảnh và tệp",
            files.iter().map(|(_, size)| size).sum(),
        );
        for (name, size) in &files {
            let hex = name.hex();
            let file = root.join(&hex[..2]).join(&hex);
            if Digest::of(fs::read(&file)?) != *name {
                bail!("tệp {hex} lấy về không đúng mã băm");
            }
            bar.inc(*size);
        }
        bar.finish();
        Ok(Media::of(&files))
    })
    .await?
}

/// Makes the site anew from what the hub says of it.
async fn found_anew(aside: &Aside, rebuild: &Rebuild, welcome: &Welcome) -> anyhow::Result<()> {
    let folder = Folder::at(aside.site());
    fs::create_dir_all(folder.root())?;
    let join = Join {
        hub: rebuild.hub.clone(),
        code: String::new(),
        base_url: Url::parse(&welcome.member.base_url)?,
        link: welcome.link,
        listen: rebuild.listen,
        private_listen: rebuild.private_listen,
        demo: false,
    };
    folder.put_settings(&join::settings_of(welcome, &join))?;
    Ok(())
}

/// Takes back from the hub what the site said after its backup, or all of it, and pictures that are
/// missing; then compares the logs with what the hub holds.
async fn catch_up(
    folder: &Folder,
    welcome: &Welcome,
    is_anew: bool,
    bars: Bars,
) -> anyhow::Result<()> {
    let settings = folder.settings()?;
    let db = Db::open::<migrations::SiteSchema>(&folder.database(&settings)?).await?;
    let now = Clock::system().now().timestamp_millis();
    join::store(&db, welcome, settings.sync.link, now).await?;
    db.close().await?;
    let site = server::open(folder).await?.site;
    let hub = peer::upstream(site.db.reader())
        .await?
        .context("cổng của tỉnh không có trong cơ sở dữ liệu dựng lại")?;
    let before = count_entries(&site).await?;
    bring_back(&site, &hub, welcome, is_anew, bars).await?;
    greet(&site, &hub).await?;
    go_on_elsewhere(&site).await?;
    fetch_media(&site, bars).await?;
    let after = count_entries(&site).await?;
    println!(
        "Từ nhật ký của tỉnh: thêm {} mục so với bản sao lưu.",
        after.saturating_sub(before)
    );
    print!("{}", compare_logs(&site, welcome).await?);
    let subject = Subject::of(Kind::Site, site.id);
    audit::at_the_machine(&site, Action::Rebuilt, subject).await?;
    close(&site).await
}

/// Has everything in the database's one file, and nobody at work on it.
async fn close(site: &Site) -> anyhow::Result<()> {
    Ok(site.db.clone().close().await?)
}

async fn count_entries(site: &Site) -> anyhow::Result<u64> {
    Ok(record::Entity::find()
        .filter(record::Column::SiteId.eq(site.id))
        .count(site.db.reader())
        .await?)
}

/// Takes back logs that the backup does not know.
async fn bring_back(
    site: &Arc<Site>,
    hub: &peer::Model,
    welcome: &Welcome,
    is_anew: bool,
    bars: Bars,
) -> anyhow::Result<()> {
    let total: i64 = welcome.logs.iter().map(|log| log.head).sum();
    let bar = bars.things(
        "Đang lấy lại nhật ký từ tỉnh",
        u64::try_from(total).unwrap_or_default(),
    );
    for log in &welcome.logs {
        let known = ledger::Entity::find_by_id(log.log)
            .one(site.db.reader())
            .await?;
        // A log that the backup knows is compared and mended at the greeting; here only what is whole
        // or missing from its beginning.
        let begins = known.as_ref().map_or(0, |known| known.head_seq);
        let is_ours_to_bring = is_anew || known.is_none();
        let mut place = begins;
        while is_ours_to_bring && place < log.head {
            let reached = recover::bring_back(site, hub, log)
                .await
                .map_err(anyhow::Error::new)?;
            ensure!(
                reached > place,
                "cổng của tỉnh không đưa lại được nhật ký {} sau mục {place}",
                log.log
            );
            bar.inc(u64::try_from(reached - place).unwrap_or_default());
            place = reached;
        }
    }
    bar.finish();
    Ok(())
}

/// What the lost machine said last may never have reached anybody, and positions of its stream mean
/// nothing any more: what is said from now on stands in new logs, and everybody counts from the
/// beginning.
async fn go_on_elsewhere(site: &Arc<Site>) -> anyhow::Result<()> {
    let (id, now) = (site.id, site.clock.now().timestamp_millis());
    let stream = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                ledger::close_own(tx, id, now).await?;
                settings::renew_stream_id(tx).await
            })
        })
        .await
        .map_err(anyhow::Error::new)?;
    site.goes_on_in(stream);
    Ok(())
}

/// Greets the hub, which says what it holds of our logs; what it holds beyond the backup comes back.
async fn greet(site: &Arc<Site>, hub: &peer::Model) -> anyhow::Result<()> {
    match greeting::greet(site, hub)
        .await
        .map_err(anyhow::Error::new)?
    {
        Greeted::Welcome {
            logs,
            is_our_stream,
            ..
        } => recover::if_rolled_back(site, hub, &logs, is_our_stream)
            .await
            .map_err(anyhow::Error::new),
        Greeted::Doubled => bail!("hai máy đang cùng chạy cổng của tỉnh; báo quản trị tỉnh"),
        Greeted::Not(answer) => bail!("cổng của tỉnh không trả lời lời chào: {answer:?}"),
    }
}

/// Fetches pictures and files by their hash until nobody has more of them to give.
async fn fetch_media(site: &Arc<Site>, bars: Bars) -> anyhow::Result<()> {
    let bar = bars.things("Đang lấy ảnh và tệp còn thiếu", 0);
    loop {
        let arrived = media::fetch::round(site, &Bounds::unbounded())
            .await
            .map_err(anyhow::Error::new)?;
        if arrived == 0 {
            break;
        }
        bar.inc_length(arrived as u64);
        bar.inc(arrived as u64);
    }
    bar.finish();
    Ok(())
}

/// The logs here beside what the hub holds of them.
async fn compare_logs(site: &Arc<Site>, welcome: &Welcome) -> anyhow::Result<String> {
    if welcome.logs.is_empty() {
        return Ok("Cổng của tỉnh chưa giữ nhật ký nào của trang này.\n".to_owned());
    }
    let mut rows = Vec::new();
    for log in &welcome.logs {
        let ours = ledger::Entity::find_by_id(log.log)
            .one(site.db.reader())
            .await?;
        let head = ours.as_ref().map_or(0, |ours| ours.head_seq);
        let is_whole = ours.is_some_and(|ours| ours.verified_seq >= log.head);
        rows.push(vec![
            match log.addressee {
                None => format!("Nhật ký công khai {}", log.log),
                Some(_) => format!("Nhật ký thư {}", log.log),
            },
            log.head.to_string(),
            head.to_string(),
            if is_whole { "đủ" } else { "THIẾU" }.to_owned(),
        ]);
    }
    let head = ["So với nhật ký tỉnh giữ", "Tỉnh có", "Dựng lại", "So sánh"];
    Ok(shared::cli::table(&head, &rows))
}
