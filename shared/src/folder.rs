//! A site's folder: everything it is, in one place that can be copied, moved and backed up.
//!
//! ```text
//! settings.toml   what people decide, with comments (600)
//! key.pem         the key it signs with (600); key.next.pem and key.previous.pem around a change of key
//! recovery.key    what opens its backups (600)
//! site.db         its records and log, unless they are in PostgreSQL
//! media/          pictures and files by hash
//! vault/          what members entrust to a hub
//! backup/         what making backups needs; can be deleted when nothing runs
//! ballast         holds room, to be removed when the disk is full
//! ```

use crate::accounts::openid::OpenIdSettings;
use crate::backup::{BackupSettings, RecoveryKey, VaultSettings};
use crate::config;
use crate::http_client::Allow;
use crate::log::keys::SigningKey;
use crate::media::MediaSettings;
use crate::room::StorageSettings;
use crate::site::Profile;
use crate::sync::peer::LinkMode;
use crate::telemetry::LogConfig;
use anyhow::{Context, bail};
use axum::http::HeaderName;
use ipnet::IpNet;
use serde::Deserialize;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// The prefix of environment variables that override settings: `LIEN_CONG_SERVER__LISTEN`.
pub const ENVIRONMENT: &str = "LIEN_CONG";

/// The folder of one site.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

/// What people decide about a site. Unknown names are errors, so that a typing mistake is noticed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What it says of itself.
    pub site: SiteSettings,
    /// Where it listens.
    pub server: ServerSettings,
    /// How people sign in besides passwords.
    #[serde(default)]
    pub accounts: AccountSettings,
    /// Where its records are.
    #[serde(default)]
    pub database: DatabaseSettings,
    /// How much of the disk is left alone.
    #[serde(default)]
    pub storage: StorageSettings,
    /// How much people may upload.
    #[serde(default)]
    pub media: MediaSettings,
    /// What it logs.
    #[serde(default)]
    pub log: LogConfig,
    /// How it is reached by its hub.
    #[serde(default)]
    pub sync: SyncSettings,
    /// How it looks after what it holds.
    #[serde(default)]
    pub upkeep: UpkeepSettings,
    /// Where its backups go.
    #[serde(default)]
    pub backup: BackupSettings,
    /// What it keeps for its members, if it is a hub.
    #[serde(default)]
    pub vault: VaultSettings,
    /// Through which mail server it writes to people, if it is a hub.
    pub mail: Option<MailSettings>,
}

/// `[site]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// Where citizens find it.
    pub base_url: Url,
    /// Its name.
    pub title: String,
    /// The name of its unit.
    pub unit_name: String,
    /// A line below the name.
    pub tagline: Option<String>,
    /// Who answers for it.
    pub responsible: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Whether its content is made up for showing.
    #[serde(default)]
    pub demo: bool,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Where it listens for the public, or for the reverse proxy in front of it.
    pub listen: SocketAddr,
    /// Where metrics and health are told; never open to the public.
    pub private_listen: Option<SocketAddr>,
    /// More host names it answers to.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Networks of the reverse proxies whose word about a visitor's address counts.
    #[serde(default)]
    pub proxies: Vec<IpNet>,
    /// The header in which they say a visitor's source port, such as `X-Real-Port`.
    pub proxy_port_header: Option<PortHeader>,
}

/// The name of a header.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct PortHeader(pub HeaderName);

impl TryFrom<String> for PortHeader {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        HeaderName::from_bytes(name.as_bytes()).map(Self).map_err(
            |_| "tên trường HTTP chỉ gồm chữ cái không dấu, chữ số và gạch nối, ví dụ X-Real-Port",
        )
    }
}

/// `[accounts]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// The province's single sign-on.
    pub openid: Option<OpenIdSettings>,
}

/// `[database]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// A `postgres://` address; without it, `site.db` in the folder.
    pub url: Option<String>,
}

/// `[sync]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncSettings {
    /// `push` if the hub can call this site, `pull` if this site has to ask.
    #[serde(default = "pull")]
    pub link: LinkMode,
    /// Hosts on private networks that feeds may be read from.
    #[serde(default)]
    pub allow: Allow,
    /// How often, in seconds and more or less, what is held is compared with the hub.
    #[serde(default = "ten_minutes")]
    pub compare_seconds: u64,
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port; 465 for `tls`, 587 for `starttls`, 25 for `none` if nothing is said.
    pub port: Option<u16>,
    /// How the way to it is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// The address letters come from.
    pub from: String,
    /// The name beside it.
    pub name: Option<String>,
    /// Who signs in there; nobody if nothing is said.
    pub user: Option<String>,
    /// The file with their password, from the site's folder.
    pub password_file: Option<PathBuf>,
}

/// How the way to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// TLS after STARTTLS, or nothing is sent.
    #[default]
    StartTls,
    /// Nothing: for a mail server on the same machine.
    None,
}

impl MailSettings {
    /// The port of the mail server.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
            MailSecurity::None => 25,
        })
    }

    /// Who signs in, and the file with their password.
    pub fn credentials(&self) -> Option<(&str, &Path)> {
        Some((self.user.as_deref()?, self.password_file.as_deref()?))
    }
}

/// `[upkeep]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpkeepSettings {
    /// Bytes a second the nightly check reads at most.
    pub check_rate: u64,
    /// Bytes a second that are taken for pictures and files at most, all transfers together.
    pub media_rate: u64,
    /// Pictures and files fetched at the same time at most.
    pub media_at_once: usize,
}

impl Default for UpkeepSettings {
    fn default() -> Self {
        Self {
            check_rate: 2 * 1024 * 1024,
            media_rate: 4 * 1024 * 1024,
            media_at_once: 3,
        }
    }
}

fn ten_minutes() -> u64 {
    600
}

fn pull() -> LinkMode {
    LinkMode::Pull
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            link: LinkMode::Pull,
            allow: Allow::none(),
            compare_seconds: ten_minutes(),
        }
    }
}

impl Settings {
    /// What the site says of itself.
    pub fn profile(&self) -> Profile {
        let site = self.site.clone();
        Profile {
            base_url: site.base_url,
            title: site.title,
            unit_name: site.unit_name,
            tagline: site.tagline,
            responsible: site.responsible,
            address: site.address,
            phone: site.phone,
            email: site.email,
            is_demo: site.demo,
            shown_by: None,
        }
    }

    /// The host names it answers to.
    pub fn hosts(&self) -> Vec<String> {
        let own = self.site.base_url.host_str().unwrap_or_default().to_owned();
        let own = match self.site.base_url.port() {
            Some(port) => format!("{own}:{port}"),
            None => own,
        };
        std::iter::once(own)
            .chain(self.server.hosts.iter().cloned())
            .collect()
    }
}

/// The settings of a new site.
#[derive(Clone, Debug)]
pub struct NewSettings {
    /// Where citizens find it.
    pub base_url: Url,
    /// Its name.
    pub title: String,
    /// The name of its unit.
    pub unit_name: String,
    /// A line below the name.
    pub tagline: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where metrics and health are told.
    pub private_listen: Option<SocketAddr>,
    /// How it is reached by its hub.
    pub link: LinkMode,
    /// A PostgreSQL address.
    pub database_url: Option<String>,
    /// Hosts on private networks that feeds may be read from.
    pub allow: Vec<String>,
    /// Whether its content is made up for showing.
    pub demo: bool,
}

impl NewSettings {
    fn to_toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let or_comment = |name: &str, value: Option<String>, example: &str| match value {
            Some(value) => format!("{name} = {}", quoted(&value)),
            None => format!("# {name} = {}", quoted(example)),
        };
        format!(
            "# Cấu hình của trang. Sửa xong, khởi động lại để áp dụng.\n\
             # Mỗi giá trị cũng đặt được bằng biến môi trường, ví dụ LIEN_CONG_SERVER__LISTEN=0.0.0.0:8080\n\n\
             [site]\n\
             # Địa chỉ công khai của trang: người dân và các trang khác tìm đến đây.\n\
             base_url = {base_url}\n\
             # Tên trang và tên đơn vị, hiện ở đầu mọi trang.\n\
             title = {title}\n\
             unit_name = {unit_name}\n\
             {tagline}\n\
             # Chân trang: người chịu trách nhiệm, địa chỉ, điện thoại, thư điện tử.\n\
             # responsible = \"\"\n\
             # address = \"\"\n\
             # phone = \"\"\n\
             # email = \"\"\n\
             # Đặt true nếu nội dung chỉ để minh họa.\n\
             demo = {demo}\n\n\
             [server]\n\
             # Nơi lắng nghe; đặt sau máy chủ proxy có HTTPS.\n\
             listen = {listen}\n\
             # Số liệu vận hành và kiểm tra sức khỏe; không mở ra ngoài.\n\
             {private_listen}\n\
             # Tên miền phụ cùng trỏ về trang này.\n\
             # hosts = [\"www.example\"]\n\
             # Mạng của máy chủ proxy được tin về địa chỉ người truy cập.\n\
             # proxies = [\"127.0.0.1/32\"]\n\
             # Tên trường mà máy chủ proxy ghi cổng nguồn của người truy cập, cho nhật ký thao tác.\n\
             # proxy_port_header = \"X-Real-Port\"\n\n\
             [database]\n\
             # Bỏ trống: SQLite trong thư mục này. PostgreSQL khi một máy không còn đủ.\n\
             {database}\n\n\
             [storage]\n\
             # Còn trống ít hơn mức sàn thì không nhận bài, tệp mới; vẫn đọc được bình thường.\n\
             # floor = \"200 MB\"\n\
             # Tệp giữ chỗ, tự xóa khi đĩa đầy để còn dọn được; 0 để không dùng.\n\
             # ballast = \"64 MB\"\n\n\
             [log]\n\
             # Dạng dòng nhật ký: \"text\" hoặc \"json\".\n\
             # format = \"text\"\n\n\
             [sync]\n\
             # push: cổng của tỉnh gọi được vào trang này. pull: trang này tự hỏi cổng của tỉnh.\n\
             link = {link}\n\
             # Máy trong mạng nội bộ được phép đọc nguồn tin, dạng \"10.1.2.3:8080\".\n\
             {allow}\n\
             # Đối chiếu với cổng của tỉnh khoảng bao nhiêu giây một lần.\n\
             # compare_seconds = 600\n\n\
             [upkeep]\n\
             # Mỗi đêm đọc lại toàn bộ dữ liệu để tìm chỗ hỏng; nhiều nhất bao nhiêu byte mỗi giây.\n\
             # check_rate = 2097152\n\
             # Tải ảnh và tệp còn thiếu: nhiều nhất bao nhiêu byte mỗi giây, bao nhiêu tệp cùng lúc.\n\
             # media_rate = 4194304\n\
             # media_at_once = 3\n\n\
             [backup]\n\
             # Nơi giữ bản sao lưu đã mã hóa: \"hub\" (kho của tỉnh), một thư mục \"/…\",\n\
             # hoặc máy chủ restic \"rest:https://…\". Bỏ trống: kho của tỉnh, nếu trang có tỉnh.\n\
             # targets = [\"hub\", \"/mnt/usb/sao-luu\"]\n\
             # Sao lưu bao nhiêu phút sau khi có thay đổi.\n\
             # every_minutes = 15\n",
            base_url = quoted(self.base_url.as_str().trim_end_matches('/')),
            title = quoted(&self.title),
            unit_name = quoted(&self.unit_name),
            tagline = or_comment("tagline", self.tagline.clone(), ""),
            demo = self.demo,
            listen = quoted(&self.listen.to_string()),
            private_listen = or_comment(
                "private_listen",
                self.private_listen.map(|address| address.to_string()),
                "127.0.0.1:9090"
            ),
            database = or_comment(
                "url",
                self.database_url.clone(),
                "postgres://hub@localhost/lien_cong"
            ),
            link = quoted(self.link.as_str()),
            allow = match self.allow.as_slice() {
                [] => "# allow = []".to_owned(),
                hosts => {
                    let hosts: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
                    format!("allow = [{}]", hosts.join(", "))
                }
            },
        )
    }
}

impl Folder {
    /// The folder at `root`, whether or not a site is in it.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a site is in it.
    pub fn has_site(&self) -> bool {
        self.settings_file().exists()
    }

    /// Puts settings and a new key into the folder. Refuses a folder that has a site already.
    pub fn create(&self, settings: &NewSettings) -> anyhow::Result<SigningKey> {
        if self.has_site() {
            bail!(
                "thư mục {} đã có một trang; hãy chọn thư mục khác hoặc dùng lệnh serve",
                self.root.display()
            );
        }
        std::fs::create_dir_all(&self.root)
            .with_context(|| format!("không tạo được thư mục {}", self.root.display()))?;
        let key = SigningKey::generate()?;
        let pem = key.to_pem()?;
        write_private(&self.key_file(), pem.as_bytes())?;
        write_private(&self.settings_file(), settings.to_toml().as_bytes())?;
        Ok(key)
    }

    /// Writes the settings of a site that is still being made, once its name is known.
    pub fn rewrite_settings(&self, settings: &NewSettings) -> anyhow::Result<()> {
        std::fs::remove_file(self.settings_file())?;
        write_private(&self.settings_file(), settings.to_toml().as_bytes())
    }

    /// Reads the settings, the environment's word over the file's.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        if !self.has_site() {
            bail!(
                "thư mục {} chưa có trang nào (thiếu settings.toml); hãy tạo bằng lệnh init hoặc join",
                self.root.display()
            );
        }
        Ok(config::load(&self.settings_file(), ENVIRONMENT)?)
    }

    /// Reads the key; refuses one that others on this machine can read.
    pub fn key(&self) -> anyhow::Result<SigningKey> {
        read_key_file(&self.key_file())
    }

    /// Makes a new key for a site that is being rebuilt, or reads the one made before.
    pub fn key_for_rebuilding(&self) -> anyhow::Result<SigningKey> {
        if self.key_file().exists() {
            return self.key();
        }
        std::fs::create_dir_all(&self.root)
            .with_context(|| format!("không tạo được thư mục {}", self.root.display()))?;
        let key = SigningKey::generate()?;
        write_private(&self.key_file(), key.to_pem()?.as_bytes())?;
        Ok(key)
    }

    /// Puts settings into a folder that has none yet, or has those of an attempt before.
    pub fn put_settings(&self, settings: &NewSettings) -> anyhow::Result<()> {
        if self.settings_file().exists() {
            return self.rewrite_settings(settings);
        }
        write_private(&self.settings_file(), settings.to_toml().as_bytes())
    }

    /// What opens the backups; refuses a key that others on this machine can read.
    pub fn recovery_key(&self) -> anyhow::Result<RecoveryKey> {
        let file = self.recovery_key_file();
        if !file.exists() {
            bail!(
                "trang này chưa có khóa khôi phục; hãy chạy lệnh recovery-key --dir {} và cất tờ giấy in ra",
                self.root.display()
            );
        }
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("không đọc được {}", file.display()))?;
        assert_private(&file)?;
        text.parse()
            .with_context(|| format!("tệp {} không phải khóa khôi phục", file.display()))
    }

    /// Whether there is a recovery key.
    pub fn has_recovery_key(&self) -> bool {
        self.recovery_key_file().exists()
    }

    /// Makes a recovery key unless there is one.
    pub fn keep_recovery_key_if_none(&self) -> anyhow::Result<()> {
        if self.has_recovery_key() {
            return Ok(());
        }
        self.keep_recovery_key(&RecoveryKey::generate()?)
    }

    /// Puts a new recovery key in the place of the one that is there, which stays beside it: it opens
    /// what was kept with it.
    pub fn replace_recovery_key(&self, key: &RecoveryKey) -> anyhow::Result<()> {
        let file = self.recovery_key_file();
        if file.exists() {
            let mut number = 1;
            let beside = loop {
                let beside = self.root.join(format!("recovery.key.{number}"));
                if !beside.exists() {
                    break beside;
                }
                number += 1;
            };
            std::fs::rename(&file, beside)?;
        }
        self.keep_recovery_key(key)
    }

    /// Keeps the recovery key. One that is there is never replaced: it opens what was kept with it.
    pub fn keep_recovery_key(&self, key: &RecoveryKey) -> anyhow::Result<()> {
        write_private(
            &self.recovery_key_file(),
            format!("{}\n", key.as_str()).as_bytes(),
        )
    }

    /// Where the making of backups has its passing things.
    pub fn backup(&self) -> PathBuf {
        self.root.join("backup")
    }

    /// Where a hub keeps what its members entrust to it.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    fn recovery_key_file(&self) -> PathBuf {
        self.root.join("recovery.key")
    }

    /// The address of its database.
    pub fn database(&self, settings: &Settings) -> anyhow::Result<String> {
        match &settings.database.url {
            Some(url) => Ok(url.clone()),
            None => {
                let file = self.root.join("site.db");
                Ok(file
                    .to_str()
                    .context("đường dẫn thư mục không phải UTF-8")?
                    .to_owned())
            }
        }
    }

    /// Where pictures and files are.
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    fn settings_file(&self) -> PathBuf {
        self.root.join("settings.toml")
    }

    /// The file of the key it signs with.
    pub fn key_file(&self) -> PathBuf {
        self.root.join("key.pem")
    }

    /// The file of the key that is to take its place.
    fn next_key_file(&self) -> PathBuf {
        self.root.join("key.next.pem")
    }

    /// The file of the key before.
    fn previous_key_file(&self) -> PathBuf {
        self.root.join("key.previous.pem")
    }

    /// The emergency key, as long as nobody has moved it to where it belongs.
    pub fn emergency_key_file(&self) -> PathBuf {
        self.root.join("emergency-key.pem")
    }

    /// The key that is to take the place of the one in use. It is on the disk before this returns,
    /// and the same each time until [`adopt_next_key`](Self::adopt_next_key).
    pub fn begin_next_key(&self) -> anyhow::Result<SigningKey> {
        if let Some(begun) = self.next_key()? {
            return Ok(begun);
        }
        let key = SigningKey::generate()?;
        put_private(&self.next_key_file(), key.to_pem()?.as_bytes())?;
        Ok(key)
    }

    /// The key that is to take the place of the one in use, if there is one.
    pub fn next_key(&self) -> anyhow::Result<Option<SigningKey>> {
        read_key(&self.next_key_file())
    }

    /// Makes the next key the one in use, in one step. The one before stays beside it for a while.
    pub fn adopt_next_key(&self) -> anyhow::Result<SigningKey> {
        if self.next_key()?.is_none() {
            // Another process was faster.
            return self.key();
        }
        let before = std::fs::read(self.key_file())?;
        put_private(&self.previous_key_file(), &before)?;
        std::fs::rename(self.next_key_file(), self.key_file())
            .with_context(|| format!("không thay được {}", self.key_file().display()))?;
        sync_folder(&self.root)?;
        self.key()
    }

    /// Forgets a key that was begun and is not wanted.
    pub fn abandon_next_key(&self) -> anyhow::Result<()> {
        remove(&self.next_key_file())
    }

    /// The key that was in use before this one, as long as it is kept.
    pub fn previous_key(&self) -> anyhow::Result<Option<SigningKey>> {
        read_key(&self.previous_key_file())
    }

    /// Forgets the key before: nothing under way needs it any more, or it was stolen.
    pub fn forget_previous_key(&self) -> anyhow::Result<()> {
        remove(&self.previous_key_file())
    }

    /// Puts a new emergency key into the folder, from where a person takes it away. Refuses to
    /// replace one that is still there.
    pub fn create_emergency_key(&self) -> anyhow::Result<SigningKey> {
        let key = SigningKey::generate()?;
        write_private(&self.emergency_key_file(), key.to_pem()?.as_bytes())?;
        Ok(key)
    }
}

/// Reads a key from anywhere; refuses a file that others on this machine can read.
pub fn read_key_file(file: &Path) -> anyhow::Result<SigningKey> {
    let pem = std::fs::read_to_string(file)
        .with_context(|| format!("không đọc được khóa {}", file.display()))?;
    assert_private(file)?;
    Ok(SigningKey::from_pem(&pem)?)
}

fn read_key(file: &Path) -> anyhow::Result<Option<SigningKey>> {
    if file.exists() {
        read_key_file(file).map(Some)
    } else {
        Ok(None)
    }
}

fn remove(file: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("không xóa được {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a private file whole or not at all.
fn put_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let aside = file.with_extension("pem.new");
    remove(&aside)?;
    write_private(&aside, bytes)?;
    std::fs::rename(&aside, file).with_context(|| format!("không ghi được {}", file.display()))?;
    if let Some(folder) = file.parent() {
        sync_folder(folder)?;
    }
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> anyhow::Result<()> {
    Ok(())
}

fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut opened = options
        .open(file)
        .with_context(|| format!("không tạo được {}", file.display()))?;
    opened.write_all(bytes)?;
    opened.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn assert_private(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "khóa {} đang để người khác trên máy đọc được; hãy chạy: chmod 600 {}",
            file.display(),
            file.display()
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn assert_private(_file: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_settings() -> NewSettings {
        NewSettings {
            base_url: "https://konbraih.quangngai.example/"
                .parse()
                .expect("a URL"),
            title: "Trang thông tin điện tử \"xã Kon Braih\"".to_owned(),
            unit_name: "xã Kon Braih".to_owned(),
            tagline: None,
            listen: "127.0.0.1:8080".parse().expect("an address"),
            private_listen: None,
            link: LinkMode::Pull,
            database_url: None,
            allow: vec!["10.1.2.3:8080".to_owned()],
            demo: true,
        }
    }

    #[test]
    fn a_new_folder_reads_back_as_written_and_is_not_written_twice() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::at(root.path().join("kon-braih"));
        assert!(folder.settings().is_err());
        let key = folder.create(&new_settings()).expect("creates");
        let settings = folder.settings().expect("reads");
        assert_eq!(settings.site.title, new_settings().title);
        assert_eq!(settings.hosts(), ["konbraih.quangngai.example"]);
        assert_eq!(folder.key().expect("reads").id(), key.id());
        assert!(folder.create(&new_settings()).is_err());
    }

    #[test]
    fn a_key_is_replaced_in_one_step_and_a_change_that_was_begun_goes_on() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::at(root.path().join("x"));
        let old = folder.create(&new_settings()).expect("creates");
        assert!(folder.next_key().expect("reads").is_none());
        let next = folder.begin_next_key().expect("begins");
        assert_eq!(
            folder.begin_next_key().expect("goes on").id(),
            next.id(),
            "killed after the first step, it goes on with the same key"
        );
        assert_eq!(folder.key().expect("reads").id(), old.id());
        assert_eq!(folder.adopt_next_key().expect("adopts").id(), next.id());
        assert_eq!(folder.key().expect("reads").id(), next.id());
        assert_eq!(
            folder.adopt_next_key().expect("done before").id(),
            next.id(),
            "whoever comes second finds it done"
        );
        let previous = folder.previous_key().expect("reads").expect("is kept");
        assert_eq!(previous.id(), old.id());
        folder.forget_previous_key().expect("forgets");
        assert!(folder.previous_key().expect("reads").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::at(root.path().join("x"));
        folder.create(&new_settings()).expect("creates");
        let file = folder.root().join("key.pem");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        let told = folder.key().expect_err("refused").to_string();
        assert!(told.contains("chmod 600"), "{told}");
    }
}
