//! The command line of a member site.

use crate::join::{self, Join};
use crate::rebuild::{self, Rebuild};
use crate::{hosting, server};
use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};
use shared::accounts::cli::AccountCommand;
use shared::archive::cli::{ExportArgs, ImportArgs};
use shared::archive::export::Subject;
use shared::audit::cli::AuditCommand;
use shared::backup::progress::Bars;
use shared::backup::{self, Keeper, RecoveryKey, Target};
use shared::cli::Place;
use shared::directory::revocation;
use shared::folder::Folder;
use shared::pages::link_health;
use shared::portal::{self, Portal};
use shared::proof::cli::VerifyArgs;
use shared::readership;
use shared::screening::cli::ScreeningCommand;
use shared::scrub;
use shared::server::{Limits, Shutdown, listen};
use shared::site::Site;
use shared::sync::cursor;
use shared::sync::doctor;
use shared::sync::key_change::{self, OVERLAP, Progress};
use shared::sync::peer::{self, LinkMode};
use shared::sync::refusal;
use shared::telemetry::{self, Metrics};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;
use tokio::task::JoinSet;
use url::Url;

/// Trang thành viên: viết, đăng và đồng bộ với cổng của tỉnh.
#[derive(Debug, Parser)]
#[command(name = "member-site", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Bắt đầu (mã kết nối do quản trị tỉnh cấp):
  member-site join --dir /var/lib/kon-braih --hub https://quangngai.example --code XXXX-… --base-url https://konbraih.quangngai.example
  member-site account add --dir /var/lib/kon-braih --login bientap --name \"Y Thử\" --role approver
  member-site serve --dir /var/lib/kon-braih";

#[derive(Debug, Subcommand)]
enum Command {
    /// Kết nối một trang mới với cổng của tỉnh bằng mã dùng một lần
    Join(Box<JoinArgs>),
    /// Chạy một hoặc nhiều trang; các trang cùng chạy được phân biệt theo tên miền
    Serve(Serve),
    /// Xuất toàn bộ trang thành một tệp ZIP mở, đọc được không cần phần mềm này
    Export(ExportArgs),
    /// Nhập một tệp do lệnh export tạo; chạy lại được nếu bị ngắt giữa chừng
    Import(ImportArgs),
    /// Cho biết trang đang kết nối với tỉnh ra sao
    Status(Place),
    /// Khám đường nối tới cổng của tỉnh: từ tên miền đến chữ ký hai chiều, kèm cách sửa
    Doctor(Place),
    /// Thay khóa ký của trang bằng khóa mới; không mất tin nào đang gửi
    RotateKey(Place),
    /// Nhận khóa mới bằng mã do quản trị tỉnh cấp, khi khóa cũ bị lộ, bị thu hồi hoặc bị mất
    Rekey(Rekey),
    /// Xác minh một tệp bản gốc có chữ ký: ai đã ký, lúc nào, có chữ nào bị sửa không
    Verify(VerifyArgs),
    /// Đọc lại toàn bộ dữ liệu, tìm và khôi phục chỗ hỏng
    Check(Place),
    /// Dựng lại một trang đã mất trên máy mới: từ bản sao lưu và từ nhật ký mà tỉnh giữ
    Rebuild(Box<RebuildArgs>),
    /// Tạo một bản sao lưu ngay bây giờ
    Backup(Place),
    /// Liệt kê các bản sao lưu
    Backups(Place),
    /// Đọc và kiểm tra toàn bộ các bản sao lưu
    BackupCheck(Place),
    /// Diễn tập: dựng lại bản sao lưu mới nhất vào chỗ nháp và so sánh
    Drill(Place),
    /// Tạo khóa khôi phục cho trang chưa có, hoặc in lại tờ giấy ghi khóa
    RecoveryKey(RecoveryKeyArgs),
    /// Sàng lọc: thử quy tắc trên tệp, xem độ chính xác, dùng bộ quy tắc mới
    #[command(subcommand)]
    Screening(ScreeningCommand),
    /// Quản lý tài khoản
    #[command(subcommand)]
    Account(AccountCommand),
    /// Nhật ký thao tác: kiểm tra chuỗi, xuất cho đoàn kiểm tra
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Args, Debug)]
struct RecoveryKeyArgs {
    #[command(flatten)]
    place: Place,
    /// Khóa đã mất hoặc bị lộ: tạo khóa khác và bắt đầu kho sao lưu mới; kho cũ được giữ lại một thời gian
    #[arg(long)]
    new: bool,
}

#[derive(Args, Debug)]
struct Serve {
    /// Thư mục dữ liệu của trang; ghi nhiều lần để chạy nhiều trang
    #[arg(
        long,
        required = true,
        env = "LIEN_CONG_DIR",
        value_name = "THƯ MỤC",
        value_delimiter = ','
    )]
    dir: Vec<PathBuf>,
}

#[derive(Args, Debug)]
struct Rekey {
    #[command(flatten)]
    place: Place,
    /// Địa chỉ cổng của tỉnh
    #[arg(long)]
    hub: Url,
    /// Mã kết nối dùng một lần, do quản trị tỉnh cấp lại cho trang này
    #[arg(long)]
    code: String,
}

#[derive(Args, Debug)]
struct RebuildArgs {
    #[command(flatten)]
    place: Place,
    /// Địa chỉ cổng của tỉnh
    #[arg(long)]
    hub: Url,
    /// Mã do quản trị tỉnh cấp bằng lệnh: hub invite --rebuild; không cần khi làm tiếp lần dở dang
    #[arg(long)]
    code: Option<String>,
    /// Khóa khôi phục; ghi - để đọc từ đầu vào. Bỏ trống: hỏi trên màn hình
    #[arg(long, value_name = "KHÓA")]
    recovery_key: Option<String>,
    /// Không có khóa khôi phục hoặc bản sao lưu: chỉ lấy lại những gì đã đăng, từ nhật ký của tỉnh
    #[arg(long, conflicts_with = "recovery_key")]
    without_backup: bool,
    /// Nơi lấy bản sao lưu: hub, một thư mục hoặc rest:https://…
    #[arg(long, default_value = "hub")]
    from: Target,
    /// Nơi lắng nghe, khi không có bản sao lưu
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Nơi xem số liệu vận hành, khi không có bản sao lưu
    #[arg(long)]
    private_listen: Option<SocketAddr>,
}

#[derive(Args, Debug)]
struct JoinArgs {
    #[command(flatten)]
    place: Place,
    /// Địa chỉ cổng của tỉnh
    #[arg(long)]
    hub: Url,
    /// Mã kết nối dùng một lần. Bỏ trống: hỏi trên màn hình
    #[arg(long)]
    code: Option<String>,
    /// Địa chỉ công khai của trang này
    #[arg(long)]
    base_url: Url,
    /// push: cổng tỉnh gọi được vào trang này; pull: trang này tự hỏi
    #[arg(long, default_value = "pull", value_parser = link_mode)]
    link: LinkMode,
    /// Nơi lắng nghe
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Nơi xem số liệu vận hành; không mở ra ngoài
    #[arg(long)]
    private_listen: Option<SocketAddr>,
}

fn link_mode(text: &str) -> Result<LinkMode, String> {
    match text {
        "push" => Ok(LinkMode::Push),
        "pull" => Ok(LinkMode::Pull),
        _ => Err("phải là push hoặc pull".to_owned()),
    }
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Join(args) => args.run().await,
            Command::Serve(serve) => {
                let folders: Vec<Folder> = serve.dir.into_iter().map(Folder::at).collect();
                serve_all(&folders).await
            }
            Command::Export(args) => {
                let portal = server::open(&Folder::at(&args.place.dir)).await?;
                let subject = Subject::itself(&portal.site).await?;
                args.run(&portal.site, subject).await
            }
            Command::Import(args) => {
                let portal = server::open(&Folder::at(&args.place.dir)).await?;
                args.run(&portal.site).await
            }
            Command::Status(place) => status(&place).await,
            Command::Doctor(place) => examine(&place).await,
            Command::RotateKey(place) => rotate_key(&place).await,
            Command::Rekey(rekey) => rekey.run().await,
            Command::Check(place) => {
                let portal = server::open(&Folder::at(&place.dir)).await?;
                scrub::cli::check(&portal.site).await
            }
            Command::Rebuild(args) => args.run().await,
            Command::Backup(place) => backup::cli::backup(&keeper(&place).await?).await,
            Command::Backups(place) => backup::cli::list(&keeper(&place).await?).await,
            Command::BackupCheck(place) => backup::cli::check(&keeper(&place).await?).await,
            Command::Drill(place) => backup::cli::drill(&keeper(&place).await?).await,
            Command::RecoveryKey(args) => {
                let folder = Folder::at(&args.place.dir);
                match args.new {
                    true => backup::cli::renew_key(&keeper(&args.place).await?, &folder).await,
                    false => {
                        let opened = server::open(&folder).await;
                        backup::cli::recovery_key(&folder, opened.map(|portal| portal.site)).await
                    }
                }
            }
            Command::Audit(command) => {
                let portal = server::open(&Folder::at(command.dir())).await?;
                command.run(&portal.site).await
            }
            Command::Verify(args) => match args.dir() {
                Some(dir) => {
                    let portal = server::open(&Folder::at(dir)).await?;
                    args.run(Some(&portal.site)).await
                }
                None => args.run(None).await,
            },
            Command::Screening(command) => {
                if let (false, Some(dir)) = (command.run_alone()?, command.dir()) {
                    let portal = server::open(&Folder::at(dir)).await?;
                    command.run(&portal.site).await?;
                }
                Ok(())
            }
            Command::Account(command) => {
                let portal = server::open(&Folder::at(command.dir())).await?;
                command.run(&portal.site).await
            }
        }
    }
}

impl JoinArgs {
    async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::at(&self.place.dir);
        let code = match self.code {
            Some(code) => code,
            None => ask_for_code()?,
        };
        let join = Join {
            hub: self.hub,
            code,
            base_url: self.base_url,
            link: self.link,
            listen: self.listen,
            private_listen: self.private_listen,
            demo: false,
        };
        let welcome = join::join(&folder, &join).await?;
        println!(
            "Đã kết nối: {} là thành viên của {}.",
            welcome.member.title, welcome.hub.title
        );
        print!(
            "\n{}\n",
            folder.recovery_key()?.paper(&welcome.member.title)
        );
        println!(
            "Tiếp theo: member-site account add --dir {0} …, rồi member-site serve --dir {0}",
            folder.root().display()
        );
        Ok(())
    }
}

impl RebuildArgs {
    async fn run(self) -> anyhow::Result<()> {
        let key = match (&self.recovery_key, self.without_backup) {
            (_, true) => None,
            (Some(text), false) if text != "-" => Some(text.parse()?),
            (asked, false) => Some(ask_for_key(asked.is_none())?),
        };
        let rebuild = Rebuild {
            hub: self.hub,
            code: self.code,
            key,
            from: self.from,
            listen: self.listen,
            private_listen: self.private_listen,
        };
        rebuild::rebuild(&Folder::at(&self.place.dir), &rebuild, Bars::Shown).await
    }
}

/// Reads the code of an invitation: typed in, it stands in no list of processes and no history.
fn ask_for_code() -> anyhow::Result<String> {
    let mut input = std::io::stdin().lock();
    if std::io::IsTerminal::is_terminal(&input) {
        eprint!("Mã kết nối do quản trị tỉnh cấp: ");
    }
    let mut line = String::new();
    std::io::BufRead::read_line(&mut input, &mut line)?;
    let code = line.trim();
    ensure!(!code.is_empty(), "cần mã kết nối: gõ vào, hoặc ghi --code");
    Ok(code.to_owned())
}

/// Reads the recovery key from whoever has the paper in hand.
fn ask_for_key(prompts: bool) -> anyhow::Result<RecoveryKey> {
    let mut input = std::io::stdin().lock();
    if prompts {
        ensure!(
            std::io::IsTerminal::is_terminal(&input),
            "cần --recovery-key, hoặc --without-backup nếu không có khóa khôi phục"
        );
        eprint!("Khóa khôi phục (trên giấy, 8 nhóm 4 ký tự): ");
    }
    let mut line = String::new();
    std::io::BufRead::read_line(&mut input, &mut line)?;
    Ok(line.parse()?)
}

/// Who looks after the backups of the site in `place`, for somebody who watches.
async fn keeper(place: &Place) -> anyhow::Result<Keeper> {
    Ok(server::open(&Folder::at(&place.dir))
        .await?
        .keeper(Bars::Shown))
}

/// Serves the sites in `folders` until Ctrl-C or SIGTERM. They share the listener of the first.
pub async fn serve_all(folders: &[Folder]) -> anyhow::Result<()> {
    let first = folders.first().context("cần ít nhất một thư mục")?;
    telemetry::init_log(&first.settings()?.log)?;
    let shutdown = Shutdown::on_signals()?;
    let metrics = Metrics::install(env!("CARGO_PKG_VERSION"))?;
    let mut portals: Vec<Portal> = Vec::new();
    for folder in folders {
        portals.push(server::open(folder).await?);
    }
    let settings = portals[0].settings.clone();
    // Before anybody is told that it is ready: who hears that and comes at once must find it listening.
    let listener = listen(settings.server.listen)
        .with_context(|| format!("không lắng nghe được ở {}", settings.server.listen))?;
    if let Some(address) = settings.server.private_listen {
        let private =
            listen(address).with_context(|| format!("không lắng nghe được ở {address}"))?;
        let sites: Vec<Arc<Site>> = portals
            .iter()
            .map(|portal| Arc::clone(&portal.site))
            .collect();
        tokio::spawn(portal::serve_private(
            private,
            metrics,
            sites,
            shutdown.clone(),
        ));
    }
    if portals.len() == 1 {
        let portal = portals.remove(0);
        let router = hosting::knowing_former_names(slice::from_ref(&portal), portal.hardened());
        return portal.serve_behind(router, listener, shutdown).await;
    }
    let mut hosts: Vec<String> = portals
        .iter()
        .flat_map(|portal| portal.settings.hosts())
        .collect();
    let all = hosts.len();
    hosts.sort();
    hosts.dedup();
    ensure!(
        hosts.len() == all,
        "hai trang cùng nhận một tên miền; hãy sửa base_url hoặc hosts"
    );
    for portal in &portals[1..] {
        portal.site.room.share_ballast();
    }
    let mut urgent = JoinSet::new();
    for portal in &portals {
        urgent.spawn(portal::catch_up(Arc::clone(&portal.site)));
    }
    while let Some(done) = urgent.join_next().await {
        done??;
    }
    for portal in &portals {
        portal.start_work(&shutdown).await?;
        tracing::info!(site = portal.site.profile.title, address = %portal.site.profile.base_url, "serving");
    }
    let limits = Limits::for_sites(portals.len(), &settings.server.proxies);
    let router = hosting::knowing_former_names(&portals, hosting::by_host(&portals));
    let served = shared::server::serve(listener, router, limits, shutdown).await;
    for portal in &portals {
        readership::finish(&portal.site).await;
    }
    served?;
    Ok(())
}

/// Works beside a process that serves the site: that one notices the new key by itself.
async fn rotate_key(place: &Place) -> anyhow::Result<()> {
    let folder = Folder::at(&place.dir);
    let portal = server::open(&folder).await?;
    let old = portal.site.key.id();
    folder.begin_next_key()?;
    match key_change::go_on(&portal.site)
        .await
        .map_err(anyhow::Error::new)?
    {
        Progress::Done(new) => {
            println!("Đã thay khóa {old} bằng {new}.");
            println!(
                "Khóa cũ còn được chấp nhận {} ngày cho những gì đang gửi dở; bài đã ký bằng khóa cũ vẫn kiểm chứng được mãi.",
                OVERLAP.num_days()
            );
            Ok(())
        }
        Progress::Waiting { why } => anyhow::bail!(
            "khóa mới đã nằm trên đĩa nhưng cổng tỉnh chưa nhận: {why}. Trang vẫn ký bằng khóa cũ; việc thay khóa tự tiếp tục khi trang chạy, hoặc khi chạy lại lệnh này"
        ),
        Progress::Nothing => anyhow::bail!("trang này chưa kết nối với cổng của tỉnh"),
    }
}

impl Rekey {
    async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::at(&self.place.dir);
        let welcome = join::rekey(&folder, &self.hub, &self.code).await?;
        println!(
            "Trang {} đã có khóa mới {} và viết tiếp trong nhật ký mới.",
            welcome.member.title,
            folder.key()?.id()
        );
        let portal = server::open(&folder).await?;
        let held = revocation::count_held(portal.site.db.reader()).await?;
        if held > 0 {
            println!(
                "{held} mục ký bằng khóa bị thu hồi không còn hiệu lực; hỏi quản trị tỉnh nếu cần dùng lại."
            );
        }
        Ok(())
    }
}

/// Examines the way from the site in `place` to its hub.
async fn examine(place: &Place) -> anyhow::Result<()> {
    let portal = server::open(&Folder::at(&place.dir)).await?;
    let site = &portal.site;
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        anyhow::bail!("trang này chưa kết nối với cổng của tỉnh");
    };
    let found = doctor::examine(site, hub.site_id).await?;
    println!("{}", doctor::in_words(&found));
    Ok(())
}

async fn status(place: &Place) -> anyhow::Result<()> {
    let portal = server::open(&Folder::at(&place.dir)).await?;
    let site = &portal.site;
    println!("{} ({})", site.profile.title, site.origin());
    if let Some(room) = site.room.in_words() {
        println!("Ổ đĩa: {room}");
    }
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        println!("Chưa kết nối với cổng của tỉnh.");
        return backup::cli::status(site, &portal.keeper(Bars::Hidden)).await;
    };
    let when = |at: Option<i64>| match at {
        Some(at) => shared::vietnamese::date_time(shared::clock::from_millis(at)),
        None => "chưa bao giờ".to_owned(),
    };
    println!("Liên lạc gần nhất với tỉnh: {}", when(hub.last_contact_at));
    println!(
        "Lần gửi thành công gần nhất: {}",
        when(hub.last_delivery_at)
    );
    if let Some(trouble) = link_health::trouble(&hub, site.clock.now()) {
        println!("CHÚ Ý: {trouble}");
    }
    let refused = refusal::count(site.db.reader()).await?;
    if refused > 0 {
        println!("{refused} mục bị từ chối; xem ở trang quản trị, mục Bị từ chối.");
    }
    let held = revocation::count_held(site.db.reader()).await?;
    if held > 0 {
        println!("{held} mục không còn hiệu lực vì ký bằng khóa đã bị thu hồi.");
    }
    for cursor in cursor::of_peer(site.db.reader(), hub.site_id).await? {
        let direction = if cursor.direction == "out" {
            "gửi lên"
        } else {
            "nhận về"
        };
        println!(
            "{direction}, làn {}: {} / {}",
            cursor.lane, cursor.position, cursor.head
        );
    }
    scrub::cli::tell(site).await?;
    backup::cli::status(site, &portal.keeper(Bars::Hidden)).await
}
