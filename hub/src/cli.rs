//! The command line of the hub.

use crate::feed_import::sections::{Sections, USUAL};
use crate::feed_import::source::{self, Purpose};
use crate::founding::{self, Province};
use crate::members::registry::{self, NewMember};
use crate::members::{examination, keys};
use crate::own_key;
use crate::probes::Prober;
use crate::ranking::cli::RankingCommand;
use crate::recall::{self, Order, progress};
use crate::relay::Relay;
use crate::routing::route;
use crate::server;
use crate::stand_in::{self, StandIns};
use crate::vault::cli::VaultCommand;
use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use sea_orm::EntityTrait;
use shared::accounts::cli::AccountCommand;
use shared::archive::cli::ExportArgs;
use shared::archive::export::Subject;
use shared::audit::cli::AuditCommand;
use shared::audit::{self, Action, Actor, Kind};
use shared::backup::progress::Bars;
use shared::backup::{self, Keeper};
use shared::cli::{self, Place};
use shared::directory::{Mode, State, revocation, site_record};
use shared::entries::section;
use shared::folder::{Folder, NewSettings};
use shared::log::event;
use shared::portal;
use shared::proof::cli::VerifyArgs;
use shared::screening::cli::ScreeningCommand;
use shared::server::{Shutdown, listen};
use shared::site::Site;
use shared::sync::doctor;
use shared::sync::key_change::OVERLAP;
use shared::sync::peer::{self, LinkMode};
use shared::telemetry::{self, Metrics};
use shared::units::{self, Attribute, attribute::Name};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Cổng của tỉnh: kết nối, theo dõi và điều phối các trang thành viên.
#[derive(Debug, Parser)]
#[command(name = "hub", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Bắt đầu:
  hub init --dir /var/lib/lien-cong --unit-name \"tỉnh Quảng Ngãi\" --base-url https://quangngai.example
  hub account add --dir /var/lib/lien-cong --login quantri --name \"A Mẫu\" --role admin,hub_admin
  hub serve --dir /var/lib/lien-cong
  hub invite --dir /var/lib/lien-cong --name \"xã Kon Braih\" --base-url https://konbraih.quangngai.example";

#[derive(Debug, Subcommand)]
enum Command {
    /// Tạo cổng của tỉnh trong một thư mục mới
    Init(Init),
    /// Chạy cổng
    Serve(Place),
    /// Mời một đơn vị tham gia và in mã kết nối dùng một lần
    Invite(Invite),
    /// Thêm một trang ngoài hệ thống, đọc qua RSS hoặc Atom
    AddFeed(AddFeed),
    /// Liệt kê các trang thành viên
    Members(Place),
    /// Tạm dừng một trang thành viên; không mất dữ liệu
    Suspend(Which),
    /// Cho một trang thành viên hoạt động trở lại
    Resume(Which),
    /// Đóng một trang thành viên: hết làm thành viên; bài đã đăng vẫn còn, mời lại được
    Close(Close),
    /// Khám đường nối tới một trang thành viên: từ tên miền đến chữ ký hai chiều, kèm cách sửa
    Doctor(Which),
    /// Nhìn một trang thành viên từ bên ngoài ngay bây giờ: HTTPS, chứng thư, nguồn tin, nội dung có đúng bản đã ký
    Probe(Which),
    /// Thay khóa ký của chính cổng này; mọi thành viên được báo trước khi dùng
    RotateKey(Place),
    /// Thu hồi khóa bị lộ: những gì khóa đó ký từ một thời điểm mất hiệu lực ở mọi nơi
    RevokeKey(RevokeKey),
    /// Tạo khóa khẩn cấp cho cổng chưa có
    EmergencyKey(Place),
    /// Liệt kê các mục bị cách ly vì khóa ký bị thu hồi
    Quarantine(Place),
    /// Tin lại một mục bị cách ly
    Release(Release),
    /// Thu hồi một bài khỏi mọi trang trong tỉnh
    Recall(Recall),
    /// Liệt kê các bài đã thu hồi và tình trạng ở từng trang
    Recalls(Place),
    /// Xuất cổng, hoặc một trang thành viên mà cổng đang giữ, thành một tệp ZIP mở
    Export(Export),
    /// Liệt kê các tuyến phân phối tin
    Routes(Place),
    /// Xác minh một tệp bản gốc có chữ ký: ai đã ký, lúc nào, có chữ nào bị sửa không
    Verify(VerifyArgs),
    /// Đọc lại toàn bộ dữ liệu, tìm và khôi phục chỗ hỏng
    Check(Place),
    /// Tạo một bản sao lưu của cổng ngay bây giờ
    Backup(Place),
    /// Liệt kê các bản sao lưu của cổng
    Backups(Place),
    /// Đọc và kiểm tra toàn bộ các bản sao lưu của cổng
    BackupCheck(Place),
    /// Diễn tập: dựng lại bản sao lưu mới nhất vào chỗ nháp và so sánh
    Drill(Place),
    /// Tạo khóa khôi phục của cổng, hoặc in lại tờ giấy ghi khóa
    RecoveryKey(RecoveryKeyArgs),
    /// Kho sao lưu của các trang thành viên
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Sàng lọc: thử quy tắc trên tệp, xem độ chính xác, dùng bộ quy tắc mới
    #[command(subcommand)]
    Screening(ScreeningCommand),
    /// Bộ chỉ số chấm điểm, xếp hạng: in bộ mặc định, nạp bộ mới
    #[command(subcommand)]
    Ranking(RankingCommand),
    /// Quản lý tài khoản
    #[command(subcommand)]
    Account(AccountCommand),
    /// Nhật ký thao tác: kiểm tra chuỗi, xuất cho đoàn kiểm tra
    #[command(subcommand)]
    Audit(AuditCommand),
    /// In mô tả OpenAPI của giao thức
    Openapi,
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
struct Init {
    #[command(flatten)]
    place: Place,
    /// Tên đầy đủ của tỉnh, ví dụ "tỉnh Quảng Ngãi"
    #[arg(long)]
    unit_name: String,
    /// Tên cổng; mặc định "Cổng thông tin điện tử" và tên tỉnh
    #[arg(long)]
    title: Option<String>,
    /// Địa chỉ công khai của cổng
    #[arg(long)]
    base_url: Url,
    /// Nơi lắng nghe
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Nơi xem số liệu vận hành; không mở ra ngoài
    #[arg(long)]
    private_listen: Option<SocketAddr>,
    /// Cơ sở dữ liệu PostgreSQL; mặc định SQLite trong thư mục
    #[arg(long)]
    database: Option<String>,
}

#[derive(Args, Debug)]
struct Invite {
    #[command(flatten)]
    place: Place,
    /// Cấp mã mới cho một trang đã có: mã của trang, như lệnh members in ra
    #[arg(long, visible_alias = "rekey", value_name = "MÃ TRANG", conflicts_with_all = ["name", "base_url", "title"])]
    again: Option<Uuid>,
    /// Cấp mã để dựng lại trên máy mới một trang đã mất: mã của trang, như lệnh members in ra
    #[arg(long, value_name = "MÃ TRANG", conflicts_with_all = ["name", "base_url", "title", "again"])]
    rebuild: Option<Uuid>,
    /// Tên đầy đủ của đơn vị, ví dụ "xã Kon Braih"
    #[arg(long, required_unless_present_any = ["again", "rebuild"])]
    name: Option<String>,
    /// Loại đơn vị: xa, phuong, dac_khu, so, …
    #[arg(long, default_value = "xa")]
    kind: String,
    /// Địa chỉ công khai của trang
    #[arg(long, required_unless_present_any = ["again", "rebuild"])]
    base_url: Option<Url>,
    /// Tên trang; mặc định "Trang thông tin điện tử" và tên đơn vị
    #[arg(long)]
    title: Option<String>,
}

#[derive(Args, Debug)]
struct AddFeed {
    #[command(flatten)]
    place: Place,
    /// Tên đầy đủ của đơn vị
    #[arg(long)]
    name: String,
    /// Loại đơn vị
    #[arg(long, default_value = "so")]
    kind: String,
    /// Địa chỉ công khai của trang
    #[arg(long)]
    base_url: Url,
    /// Địa chỉ nguồn tin RSS, Atom hoặc JSON Feed
    #[arg(long)]
    feed: Url,
    /// Lịch đọc, dạng cron có giây
    #[arg(long, default_value = "0 */10 * * * *")]
    schedule: String,
    /// Chuyên mục của các mục đọc được
    #[arg(long, value_name = "MÃ", default_value = USUAL)]
    section: String,
    /// Chuyên mục riêng của một nhãn, ví dụ "Kinh tế=kinh-te"; dùng được nhiều lần
    #[arg(long = "tag-section", value_name = "NHÃN=MÃ", value_parser = tag_section)]
    tag_sections: Vec<(String, String)>,
}

#[derive(Args, Debug)]
struct RevokeKey {
    #[command(flatten)]
    place: Place,
    /// Mã của trang có khóa bị lộ, như lệnh members in ra
    #[arg(
        long,
        value_name = "MÃ TRANG",
        required_unless_present = "own",
        conflicts_with = "own"
    )]
    site: Option<Uuid>,
    /// Chỉ thu hồi khóa này; mặc định mọi khóa còn hiệu lực của trang
    // One id in 64 begins with a hyphen.
    #[arg(
        long,
        value_name = "MÃ KHÓA",
        conflicts_with = "own",
        allow_hyphen_values = true
    )]
    key: Option<String>,
    /// Từ lúc nào khóa không còn đáng tin, giờ Việt Nam, ví dụ 2026-11-20T10:00; mặc định ngay bây giờ
    #[arg(long, value_name = "THỜI ĐIỂM", value_parser = moment)]
    since: Option<DateTime<Utc>>,
    /// Thu hồi khóa của chính cổng này
    #[arg(long, requires = "with")]
    own: bool,
    /// Tệp khóa khẩn cấp của cổng
    #[arg(long, value_name = "TỆP")]
    with: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct Release {
    #[command(flatten)]
    place: Place,
    /// Số của mục, như lệnh quarantine in ra
    event: i64,
}

#[derive(Args, Debug)]
struct Recall {
    #[command(flatten)]
    place: Place,
    /// Mã của bài, hoặc địa chỉ trang bài ở bất kỳ trang nào
    entry: String,
    /// Lý do, hiện cho bạn đọc ở mọi trang
    #[arg(long)]
    reason: String,
    /// Số, ngày của văn bản yêu cầu
    #[arg(long)]
    basis: Option<String>,
    /// Xóa hẳn, kể cả bản của đơn vị viết bài; không lấy lại được
    #[arg(long)]
    erase: bool,
    /// Bài thay thế: mã hoặc địa chỉ trang bài; bạn đọc được dẫn sang bài này
    #[arg(long)]
    replacement: Option<String>,
    /// Không hỏi lại
    #[arg(long)]
    yes: bool,
}

#[derive(Args, Debug)]
struct Which {
    #[command(flatten)]
    place: Place,
    /// Mã của trang, như lệnh members in ra
    site: Uuid,
}

#[derive(Args, Debug)]
struct Close {
    #[command(flatten)]
    which: Which,
    /// Không hỏi lại
    #[arg(long)]
    yes: bool,
}

#[derive(Args, Debug)]
struct Export {
    #[command(flatten)]
    args: ExportArgs,
    /// Mã của trang thành viên, như lệnh members in ra; mặc định chính cổng này
    #[arg(long, value_name = "MÃ TRANG")]
    site: Option<Uuid>,
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Init(init) => init.run().await,
            Command::Serve(place) => serve(&Folder::at(place.dir)).await,
            Command::Invite(invite) => invite.run().await,
            Command::AddFeed(add) => add.run().await,
            Command::Members(place) => members(&place).await,
            Command::Suspend(which) => which.set_suspended(true).await,
            Command::Resume(which) => which.set_suspended(false).await,
            Command::Close(close) => close.run().await,
            Command::Doctor(which) => which.examine().await,
            Command::Probe(which) => which.probe().await,
            Command::RotateKey(place) => rotate_key(&place).await,
            Command::RevokeKey(revoke) => revoke.run().await,
            Command::EmergencyKey(place) => emergency_key(&place).await,
            Command::Quarantine(place) => quarantine(&place).await,
            Command::Release(release) => release.run().await,
            Command::Recall(order) => order.run().await,
            Command::Recalls(place) => recalls(&place).await,
            Command::Export(export) => export.run().await,
            Command::Routes(place) => routes(&place).await,
            Command::Check(place) => {
                let site = open(&place.dir).await?;
                shared::scrub::cli::check(&site).await
            }
            Command::Backup(place) => backup::cli::backup(&keeper(&place).await?).await,
            Command::Backups(place) => backup::cli::list(&keeper(&place).await?).await,
            Command::BackupCheck(place) => backup::cli::check(&keeper(&place).await?).await,
            Command::Drill(place) => backup::cli::drill(&keeper(&place).await?).await,
            Command::RecoveryKey(args) => {
                let folder = Folder::at(&args.place.dir);
                match args.new {
                    true => backup::cli::renew_key(&keeper(&args.place).await?, &folder).await,
                    false => {
                        let opened = open(&args.place.dir).await;
                        backup::cli::recovery_key(&folder, opened).await
                    }
                }
            }
            Command::Vault(command) => {
                let site = open(command.dir()).await?;
                command.run(&site).await
            }
            Command::Verify(args) => match args.dir() {
                Some(dir) => args.run(Some(&*open(dir).await?)).await,
                None => args.run(None).await,
            },
            Command::Screening(command) => {
                if let (false, Some(dir)) = (command.run_alone()?, command.dir()) {
                    command.run(&*open(dir).await?).await?;
                }
                Ok(())
            }
            Command::Ranking(command) => command.run().await,
            Command::Account(command) => {
                let site = open(command.dir()).await?;
                command.run(&site).await
            }
            Command::Audit(command) => {
                let site = open(command.dir()).await?;
                command.run(&site).await
            }
            Command::Openapi => {
                println!("{}", server::openapi()?);
                Ok(())
            }
        }
    }
}

async fn open(dir: &Path) -> anyhow::Result<Arc<Site>> {
    let folder = Folder::at(dir);
    let (site, _) = portal::open::<migrations::HubSchema>(&folder, Arc::new(Relay)).await?;
    Ok(site)
}

/// Who looks after the backups of the hub in `place`, for somebody who watches.
async fn keeper(place: &Place) -> anyhow::Result<Keeper> {
    let folder = Folder::at(&place.dir);
    let (site, settings) = portal::open::<migrations::HubSchema>(&folder, Arc::new(Relay)).await?;
    Ok(Keeper::new(site, folder, settings.backup, Bars::Shown))
}

impl Init {
    async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::at(&self.place.dir);
        let title = self
            .title
            .unwrap_or_else(|| format!("Cổng thông tin điện tử {}", self.unit_name));
        let settings = NewSettings {
            base_url: self.base_url,
            title,
            unit_name: self.unit_name.clone(),
            tagline: None,
            listen: self.listen,
            private_listen: self.private_listen,
            link: LinkMode::Push,
            database_url: self.database,
            allow: Vec::new(),
            demo: false,
        };
        let province = Province {
            unit: None,
            attributes: vec![
                Attribute::always(Name::Name, &self.unit_name),
                Attribute::always(Name::Kind, "tinh"),
            ],
            kind: "tinh".to_owned(),
        };
        founding::found(&folder, &settings, province).await?;
        println!(
            "Đã tạo cổng của {} trong {}",
            self.unit_name,
            folder.root().display()
        );
        tell_of_emergency_key(&folder);
        println!(
            "Tiếp theo: hub account add --dir {0} …, rồi hub serve --dir {0}",
            folder.root().display()
        );
        Ok(())
    }
}

/// Serves the hub until Ctrl-C or SIGTERM.
pub async fn serve(folder: &Folder) -> anyhow::Result<()> {
    let settings = folder.settings()?;
    telemetry::init_log(&settings.log)?;
    let shutdown = Shutdown::on_signals()?;
    let metrics = Metrics::install(env!("CARGO_PKG_VERSION"))?;
    let portal = server::open(folder, &shutdown).await?;
    let listener = listen(portal.settings.server.listen)
        .with_context(|| format!("không lắng nghe được ở {}", portal.settings.server.listen))?;
    if let Some(address) = portal.settings.server.private_listen {
        let private =
            listen(address).with_context(|| format!("không lắng nghe được ở {address}"))?;
        let sites = vec![Arc::clone(&portal.site)];
        tokio::spawn(portal::serve_private(
            private,
            metrics,
            sites,
            shutdown.clone(),
        ));
    }
    let stand_ins = StandIns::of(&portal, folder)?;
    let router = stand_ins.beside(&portal);
    portal.serve_behind(router, listener, shutdown).await
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.args.place.dir).await?;
        let subject = match self.site {
            Some(member) if member != site.id => {
                anyhow::ensure!(
                    !self.args.with_unpublished,
                    "cổng không có bài chưa đăng của đơn vị; hãy bỏ --with-unpublished"
                );
                stand_in::subject(&site, member).await?
            }
            _ => Subject::itself(&site).await?,
        };
        self.args.run(&site, subject).await
    }
}

impl Invite {
    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        if let Some(known) = self.again {
            return invite_again(&site, known).await;
        }
        if let Some(member) = self.rebuild {
            return rebuild(&site, member).await;
        }
        let name = self.name.context("thiếu --name")?;
        let base_url = self.base_url.context("thiếu --base-url")?;
        let title = self
            .title
            .unwrap_or_else(|| format!("Trang thông tin điện tử {name}"));
        let new = NewMember::named(&name, &self.kind, site.unit_id, base_url.clone(), &title);
        let (site_id, code) = registry::add(&site, new, &Actor::CommandLine).await?;
        let code = code.context("một trang được mời phải có mã")?;
        println!("Đã mời {name} (mã trang {site_id}). Mã kết nối dùng một lần, có hạn 24 giờ:");
        println!("\n  {}\n", code.as_str());
        println!("Chạy trên máy của đơn vị:");
        println!(
            "  member-site join --dir <thư mục> --hub {} --code {} --base-url {}",
            site.origin(),
            code.as_str(),
            base_url
        );
        Ok(())
    }
}

/// Mints a new code for a site that never came or needs another key.
async fn invite_again(site: &Arc<Site>, known: Uuid) -> anyhow::Result<()> {
    let record = site_record::find(site.db.reader(), known)
        .await?
        .with_context(|| format!("không có trang {known}"))?;
    let code = registry::invite_again(site, known, &Actor::CommandLine)
        .await
        .map_err(anyhow::Error::new)?;
    println!(
        "Mã kết nối mới của {}, dùng một lần, có hạn 24 giờ:",
        record.title
    );
    println!("\n  {}\n", code.as_str());
    let (hub, code) = (site.origin(), code.as_str());
    if record.state == State::Invited.as_str() {
        println!("Chạy trên máy của đơn vị:");
        println!(
            "  member-site join --dir <thư mục> --hub {hub} --code {code} --base-url {}",
            record.base_url
        );
    } else {
        println!("Chạy trên máy của đơn vị, trong thư mục của trang:");
        println!("  member-site rekey --dir <thư mục> --hub {hub} --code {code}");
    }
    Ok(())
}

/// Reads a moment: with an offset, or by the clock of Vietnam.
fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Ok(exact.with_timezone(&Utc));
    }
    shared::vietnamese::parse_local(text)
        .ok_or_else(|| "cần có dạng 2026-11-20T10:00 (giờ Việt Nam)".to_owned())
}

fn tell_of_emergency_key(folder: &Folder) {
    let file = folder.emergency_key_file();
    println!("Khóa khẩn cấp của cổng: {}", file.display());
    println!(
        "  Chép tệp này ra nơi cất giữ ngoài máy chủ (USB cất trong két, hai bản ở hai nơi), rồi xóa khỏi máy này."
    );
    println!(
        "  Nó chỉ dùng khi khóa của cổng bị lộ: hub revoke-key --own --with emergency-key.pem. Không có nó, mọi thành viên phải nhận lại mã."
    );
}

/// Begins to change the hub's own key; a process that serves the hub goes on with it.
async fn rotate_key(place: &Place) -> anyhow::Result<()> {
    let folder = Folder::at(&place.dir);
    let site = open(&place.dir).await?;
    let old = site.key.id();
    let next = own_key::begin(&site, &folder).await?;
    match own_key::go_on(&site).await.map_err(anyhow::Error::new)? {
        own_key::Progress::Waiting(deaf) => {
            println!(
                "Khóa mới {} đã được công bố, ký bằng khóa đang dùng.",
                next.id()
            );
            println!(
                "Còn {deaf} thành viên chưa nhận; cổng đang chạy sẽ tự chuyển sang khóa mới khi mọi thành viên đã nhận, chậm nhất sau {} ngày.",
                OVERLAP.num_days()
            );
        }
        _ => println!("Đã thay khóa {old} bằng {}.", site.key.id()),
    }
    Ok(())
}

async fn emergency_key(place: &Place) -> anyhow::Result<()> {
    let folder = Folder::at(&place.dir);
    let site = open(&place.dir).await?;
    own_key::create_emergency_key(&site, &folder).await?;
    println!("Đã tạo khóa khẩn cấp và báo phần công khai của nó cho mọi thành viên.");
    tell_of_emergency_key(&folder);
    Ok(())
}

impl RevokeKey {
    async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::at(&self.place.dir);
        let site = open(&self.place.dir).await?;
        let since = self.since.unwrap_or_else(|| site.clock.now());
        if let (true, Some(file)) = (self.own, &self.with) {
            let emergency = shared::folder::read_key_file(file)?;
            let key = own_key::revoke_own(&site, &folder, &emergency, since).await?;
            println!(
                "Đã thu hồi khóa của cổng; cổng ký bằng khóa mới {}.",
                key.id()
            );
            println!("Mọi thành viên được báo bằng lời ký của khóa khẩn cấp.");
            return Ok(());
        }
        let member = self.site.context("thiếu --site")?;
        let revoked = keys::revoke(&site, member, self.key, since, &Actor::CommandLine)
            .await
            .map_err(anyhow::Error::new)?;
        for key in &revoked.keys {
            println!("Đã thu hồi khóa {key}.");
        }
        println!(
            "{} sự kiện nhận từ {} bị cách ly; {} bài trở về bản trước hoặc bị ẩn.",
            revoked.distrusted,
            shared::vietnamese::date_time(since),
            revoked.entries
        );
        println!("Mọi thành viên được báo ngay. Cấp mã mới cho trang:");
        println!(
            "  hub invite --dir {} --again {member}",
            folder.root().display()
        );
        Ok(())
    }
}

/// What a revocation left without effect.
async fn quarantine(place: &Place) -> anyhow::Result<()> {
    let site = open(&place.dir).await?;
    let db = site.db.reader();
    let mut rows = Vec::new();
    for held in revocation::held(db, 0, 1_000).await? {
        let event = event::Entity::find_by_id(held.event_id).one(db).await?;
        let Some(event) = event else {
            continue;
        };
        rows.push(vec![
            held.event_id.to_string(),
            site_record::find(db, held.site_id)
                .await?
                .map_or_else(|| held.site_id.to_string(), |site| site.title),
            revocation::title_of(db, &event)
                .await?
                .unwrap_or_else(|| event.kind.clone()),
            shared::vietnamese::date_time(shared::clock::from_millis(event.received_at)),
        ]);
    }
    if rows.is_empty() {
        println!("Không có mục nào bị cách ly.");
        return Ok(());
    }
    print!("{}", cli::table(&["Số", "Trang", "Mục", "Nhận lúc"], &rows));
    println!(
        "Tin lại một mục: hub release <số> --dir {}",
        place.dir.display()
    );
    Ok(())
}

/// Lets a site that burnt down come back on another machine.
async fn rebuild(site: &Arc<Site>, member: Uuid) -> anyhow::Result<()> {
    let code = registry::invite_again(site, member, &Actor::CommandLine).await?;
    let record = site_record::find(site.db.reader(), member)
        .await?
        .with_context(|| format!("không có trang {member}"))?;
    println!(
        "Cho phép dựng lại {} ({}). Mã dùng một lần, có hạn 24 giờ; khóa cũ của trang hết hiệu lực khi mã được dùng:",
        record.title, record.base_url
    );
    println!("\n  {}\n", code.as_str());
    println!("Chạy trên máy mới của đơn vị, với tờ giấy ghi khóa khôi phục trong tay:");
    println!(
        "  member-site rebuild --dir <thư mục> --hub {} --code {}",
        site.origin(),
        code.as_str()
    );
    Ok(())
}

impl Release {
    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        keys::release(&site, self.event, &Actor::CommandLine)
            .await
            .with_context(|| format!("không có mục bị cách ly số {}", self.event))?;
        println!("Đã tin lại; mọi nơi đã nhận mục này sẽ dùng lại.");
        Ok(())
    }
}

impl AddFeed {
    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        let sections = Sections {
            otherwise: self.section,
            by_tag: self.tag_sections.into_iter().collect(),
        };
        for code in sections.all() {
            section::find(site.db.reader(), code)
                .await?
                .with_context(|| format!("cổng không có chuyên mục {code}"))?;
        }
        let mut new = NewMember::named(
            &self.name,
            &self.kind,
            site.unit_id,
            self.base_url,
            &self.name,
        );
        new.mode = Mode::Feed;
        let (site_id, _) = registry::add(&site, new, &Actor::CommandLine).await?;
        let (url, schedule) = (self.feed.to_string(), self.schedule);
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    let id = source::add(tx, site_id, Purpose::Import, &url, &schedule).await?;
                    source::set_sections(tx, id, &sections).await?;
                    let subject = audit::Subject::of(Kind::Feed, site_id);
                    audit::record(tx, &Actor::CommandLine, Action::FeedAdded, subject, now).await
                })
            })
            .await?;
        println!(
            "Đã thêm {} (mã trang {site_id}); cổng sẽ đọc {} theo lịch.",
            self.name, self.feed
        );
        Ok(())
    }
}

/// Reads `NHÃN=MÃ`.
fn tag_section(text: &str) -> Result<(String, String), String> {
    let (tag, code) = text
        .rsplit_once('=')
        .ok_or("cần có dạng NHÃN=MÃ, ví dụ \"Kinh tế=kinh-te\"")?;
    Ok((tag.trim().to_owned(), code.trim().to_owned()))
}

impl Which {
    async fn set_suspended(self, suspended: bool) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        registry::set_suspended(&site, self.site, suspended, &Actor::CommandLine)
            .await
            .with_context(|| format!("không có trang {}", self.site))?;
        println!(
            "{}",
            if suspended {
                "Đã tạm dừng."
            } else {
                "Đã cho hoạt động trở lại."
            }
        );
        Ok(())
    }
}

impl Close {
    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.which.place.dir).await?;
        let member = self.which.site;
        let record = site_record::find(site.db.reader(), member)
            .await?
            .with_context(|| format!("không có trang {member}"))?;
        println!("{} ({})", record.title, record.base_url);
        let question = "Đóng trang này? Khóa của trang hết hiệu lực ngay, hai bên thôi trao đổi.";
        if !self.yes && !cli::confirm(question)? {
            anyhow::bail!("chưa đóng gì");
        }
        registry::close(&site, member, &Actor::CommandLine)
            .await
            .with_context(|| format!("trang {member} đã đóng rồi, hoặc là chính cổng này"))?;
        println!("Đã đóng. Bài đã đăng vẫn còn ở các nơi. Mời lại: hub invite --again {member}");
        Ok(())
    }
}

impl Which {
    async fn examine(self) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        let found = examination::make(&site, self.site, &Actor::CommandLine)
            .await
            .map_err(in_words)?;
        println!("{}", doctor::in_words(&found));
        Ok(())
    }

    async fn probe(self) -> anyhow::Result<()> {
        let folder = Folder::at(&self.place.dir);
        let (site, settings) =
            portal::open::<migrations::HubSchema>(&folder, Arc::new(Relay)).await?;
        let found = Prober::new(site, settings.sync.allow)
            .look_at(self.site)
            .await?
            .with_context(|| format!("không có trang {} đang hoạt động", self.site))?;
        let rows = found.into_iter().map(|one| {
            let kind = one.kind.label().to_owned();
            vec![kind, one.outcome.word().to_owned(), one.detail]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        print!("{}", cli::table(&["Nhìn gì", "Thế nào", "Chi tiết"], &rows));
        Ok(())
    }
}

impl Recall {
    async fn replacement(&self, site: &Site) -> anyhow::Result<Option<Uuid>> {
        let Some(meant) = &self.replacement else {
            return Ok(None);
        };
        let found = recall::find_entry(site, meant).await?;
        let found = found.with_context(|| format!("cổng không có bài {meant}"))?;
        Ok(Some(found.entry_id))
    }

    async fn run(self) -> anyhow::Result<()> {
        let site = open(&self.place.dir).await?;
        let found = recall::find_entry(&site, &self.entry)
            .await?
            .with_context(|| format!("cổng không có bài {}", self.entry))?;
        println!(
            "{}",
            if found.title.is_empty() {
                "(không còn tiêu đề)"
            } else {
                &found.title
            }
        );
        let question = if self.erase {
            "Xóa hẳn bài này ở mọi trang, kể cả bản của đơn vị viết bài?"
        } else {
            "Thu hồi bài này khỏi mọi trang?"
        };
        if !self.yes && !cli::confirm(question)? {
            anyhow::bail!("chưa thu hồi gì");
        }
        let replacement = self.replacement(&site).await?;
        let order = Order {
            entry: found.entry_id,
            reason: self.reason,
            basis: self.basis,
            erase: self.erase,
            replacement,
            by: Actor::CommandLine.name().to_owned(),
            actor: Actor::CommandLine,
        };
        recall::order(&site, order).await.map_err(in_words)?;
        println!(
            "Đã thu hồi. Xem tình trạng ở từng trang: hub recalls --dir {}",
            self.place.dir.display()
        );
        Ok(())
    }
}

/// An error as somebody at a terminal reads it.
fn in_words(error: shared::error::Error) -> anyhow::Error {
    match error {
        shared::error::Error::Invalid(lacking) => {
            let words: Vec<String> = lacking.into_iter().map(|one| one.message).collect();
            anyhow::anyhow!(words.join(" "))
        }
        other => other.into(),
    }
}

async fn recalls(place: &Place) -> anyhow::Result<()> {
    let site = open(&place.dir).await?;
    let db = site.db.reader();
    let today = shared::vietnamese::local(site.clock.now()).date_naive();
    let tree = units::tree_on(db, today).await?;
    let when = |at: Option<i64>| {
        at.map_or_else(
            || "chưa".to_owned(),
            |at| shared::vietnamese::date_time(shared::clock::from_millis(at)),
        )
    };
    let mut rows = Vec::new();
    for case in progress::cases(db, 0, 50).await? {
        for one in progress::of_case(db, case.event_id).await? {
            let member = site_record::find(db, one.site_id).await?;
            rows.push(vec![
                case.title
                    .clone()
                    .unwrap_or_else(|| "(đã xóa hẳn)".to_owned()),
                member.map_or_else(
                    || one.site_id.to_string(),
                    |member| tree.name_of(member.unit_id),
                ),
                when(one.sent_at),
                when(one.received_at),
                when(one.applied_at),
                when(one.gone_at),
                one.seen.unwrap_or_default(),
            ]);
        }
    }
    if rows.is_empty() {
        println!("Chưa thu hồi bài nào.");
        return Ok(());
    }
    let head = [
        "Bài",
        "Trang",
        "Đã gửi",
        "Đã nhận",
        "Đã gỡ",
        "Đã sạch",
        "Còn thấy",
    ];
    print!("{}", cli::table(&head, &rows));
    Ok(())
}

async fn members(place: &Place) -> anyhow::Result<()> {
    let site = open(&place.dir).await?;
    let db = site.db.reader();
    let today = shared::vietnamese::local(site.clock.now()).date_naive();
    let tree = units::tree_on(db, today).await?;
    let peers = peer::all(db).await?;
    let mut rows = Vec::new();
    for member in site_record::all(db).await? {
        if member.id == site.id {
            continue;
        }
        let peer = peers.iter().find(|peer| peer.site_id == member.id);
        let contact = peer
            .and_then(|peer| peer.last_contact_at)
            .map(|at| shared::vietnamese::date_time(shared::clock::from_millis(at)));
        rows.push(vec![
            tree.name_of(member.unit_id),
            member.state.clone(),
            member.mode.clone(),
            contact.unwrap_or_else(|| "chưa".to_owned()),
            member.base_url.clone(),
            member.id.to_string(),
        ]);
    }
    if rows.is_empty() {
        println!("Chưa có trang thành viên nào. Mời một đơn vị bằng lệnh: hub invite --help");
        return Ok(());
    }
    let head = [
        "Đơn vị",
        "Trạng thái",
        "Kiểu",
        "Liên lạc gần nhất",
        "Địa chỉ",
        "Mã trang",
    ];
    print!("{}", cli::table(&head, &rows));
    Ok(())
}

async fn routes(place: &Place) -> anyhow::Result<()> {
    let site = open(&place.dir).await?;
    let routes = route::all(site.db.reader()).await?;
    let rows: Vec<Vec<String>> = routes
        .iter()
        .map(|route| {
            vec![
                route.name.clone(),
                route.mode.as_str().to_owned(),
                route.moment.as_str().to_owned(),
                if route.active { "đang dùng" } else { "tắt" }.to_owned(),
            ]
        })
        .collect();
    print!(
        "{}",
        cli::table(&["Tuyến", "Cách gửi", "Thời điểm", "Trạng thái"], &rows)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_fit_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_key_whose_id_begins_with_a_hyphen_can_be_revoked() {
        let site = Uuid::nil().to_string();
        let id = "-2I5F5C67Omm748xsSla0cVN9LAMeOA7n1fnJNoRWwA";
        let words = [
            "hub",
            "revoke-key",
            "--dir",
            "/nha",
            "--site",
            &site,
            "--key",
            id,
        ];
        let Command::RevokeKey(revoke) = Cli::parse_from(words).command else {
            panic!("another command");
        };
        assert_eq!(revoke.key.as_deref(), Some(id));
    }
}
