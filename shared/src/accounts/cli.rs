//! Accounts from the command line, for the person at the machine.

use super::account::{self, NewAccount, OffReason};
use super::openid::link;
use super::{Grant, Role, grant, second_factor};
use crate::audit::{self, Action, Actor, Subject};
use crate::cli::{self, Place};
use crate::entries::section::Tree;
use crate::error::Error;
use crate::site::Site;
use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use std::path::Path;

/// What can be done with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum AccountCommand {
    /// Thêm một tài khoản; không đặt mật khẩu thì lệnh tạo và in ra một mật khẩu
    Add {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        #[arg(long)]
        login: String,
        /// Họ và tên, hiện dưới bài viết
        #[arg(long)]
        name: String,
        /// Vai trò, cách nhau bằng dấu phẩy; thêm :mã-chuyên-mục để giao riêng một chuyên mục
        #[arg(long = "role", value_parser = parse_grant, value_delimiter = ',', required = true)]
        grants: Vec<Grant>,
        /// Mật khẩu lấy từ biến môi trường, để không lưu lại trong lịch sử lệnh
        #[arg(long, env = "LIEN_CONG_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Liệt kê tài khoản
    List(Place),
    /// Bật lại một tài khoản đã tắt
    Enable {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        login: String,
    },
    /// Đặt lại xác thực hai lớp khi người đó mất điện thoại và hết mã dự phòng
    #[command(name = "reset-two-factor")]
    ResetTwoFactor {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        login: String,
    },
    /// Giao lại quyền: thay mọi vai trò của một tài khoản
    Grant {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        login: String,
        /// Vai trò, cách nhau bằng dấu phẩy; thêm :mã-chuyên-mục để giao riêng một chuyên mục
        #[arg(long = "role", value_parser = parse_grant, value_delimiter = ',', required = true)]
        grants: Vec<Grant>,
    },
    /// Cho một tài khoản đăng nhập qua hệ thống đăng nhập một lần, dưới tên của người đó ở đấy
    #[command(name = "link-openid")]
    LinkOpenId {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập ở trang này
        login: String,
        /// Tên của người đó ở hệ thống đăng nhập một lần
        #[arg(long, required_unless_present = "unlink")]
        name: Option<String>,
        /// Gỡ ra, thay vì gắn
        #[arg(long, conflicts_with = "name")]
        unlink: bool,
    },
    /// Tắt một tài khoản; bài viết của người đó ở lại
    Disable {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        login: String,
    },
}

fn parse_grant(text: &str) -> Result<Grant, String> {
    Grant::parse(text.trim()).ok_or_else(|| {
        let names = Role::ALL.map(Role::as_str).join(", ");
        format!("vai trò phải là một trong: {names}; có thể thêm :mã-chuyên-mục")
    })
}

impl AccountCommand {
    /// The folder of the site whose accounts they are.
    pub fn dir(&self) -> &Path {
        match self {
            Self::Add { place, .. }
            | Self::Disable { place, .. }
            | Self::LinkOpenId { place, .. }
            | Self::Enable { place, .. }
            | Self::ResetTwoFactor { place, .. }
            | Self::Grant { place, .. }
            | Self::List(place) => &place.dir,
        }
    }

    /// Does what was asked.
    pub async fn run(self, site: &Site) -> anyhow::Result<()> {
        match self {
            Self::Add {
                login,
                name,
                grants,
                password,
                ..
            } => {
                let is_made = password.is_none();
                let password = password.map_or_else(make_password, Ok)?;
                let new = NewAccount {
                    login,
                    name,
                    grants,
                    password: password.clone(),
                };
                let account = create(site, new).await?;
                let granted = granted(site, account.id).await?;
                println!(
                    "Đã thêm {} ({}), đăng nhập tại {}",
                    account.login,
                    granted,
                    site.address("/quan-tri")
                );
                if is_made {
                    println!("Mật khẩu, chỉ hiện lần này: {password}");
                }
            }
            Self::LinkOpenId { login, name, .. } => link_openid(site, &login, name).await?,
            Self::List(_) => list(site).await?,
            Self::Disable { login, .. } => {
                change(site, find(site, &login).await?, Change::Close).await?;
                println!("Đã tắt {login}.");
            }
            Self::Enable { login, .. } => {
                change(site, find(site, &login).await?, Change::Reopen).await?;
                println!("Đã bật lại {login}.");
            }
            Self::ResetTwoFactor { login, .. } => {
                change(site, find(site, &login).await?, Change::ResetFactor).await?;
                println!(
                    "Đã đặt lại xác thực hai lớp của {login}; lần đăng nhập sau đặt lại từ đầu."
                );
            }
            Self::Grant { login, grants, .. } => {
                let found = find(site, &login).await?;
                let checked = grant::check(site.db.reader(), site, &grants).await;
                checked.map_err(in_words)?;
                let id = found.id;
                let changed = change(site, found, Change::Grant(grants)).await;
                changed.map_err(in_words)?;
                println!("{login} nay là: {}.", granted(site, id).await?);
            }
        }
        Ok(())
    }
}

/// What is done to one account.
#[derive(Clone)]
enum Change {
    Close,
    Reopen,
    ResetFactor,
    Grant(Vec<Grant>),
}

/// Does `change` and records that it was done at the machine.
async fn change(site: &Site, found: account::Model, change: Change) -> crate::error::Result<()> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let action = match change {
                    Change::Close => {
                        account::set_active(tx, found.id, false).await?;
                        Action::AccountClosed
                    }
                    Change::Reopen => {
                        account::set_active(tx, found.id, true).await?;
                        Action::AccountReopened
                    }
                    Change::ResetFactor => {
                        second_factor::reset(tx, found.id).await?;
                        Action::SecondFactorOff
                    }
                    Change::Grant(grants) => {
                        account::set_grants(tx, found.id, &grants).await?;
                        Action::RoleChanged
                    }
                };
                let subject = Subject::account(&found);
                audit::record(tx, &Actor::CommandLine, action, subject, now).await
            })
        })
        .await
}

/// Adds an account; what is wrong with it is told in one sentence.
pub async fn create(site: &Site, new: NewAccount) -> anyhow::Result<account::Model> {
    let prepared = new.prepare(site).await.map_err(in_words)?;
    let now = site.clock.now().timestamp_millis();
    let created = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let account = account::create(tx, prepared, now).await?;
                let subject = Subject::account(&account);
                audit::record(tx, &Actor::CommandLine, Action::AccountOpened, subject, now).await?;
                Ok(account)
            })
        })
        .await;
    created.map_err(in_words)
}

/// A password nobody has to think of: 120 random bits.
pub fn make_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 15];
    getrandom::fill(&mut bytes).context("hệ điều hành không cho số ngẫu nhiên")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Expects the owner of an account under `name` at the single sign-on; without one, forgets the link.
async fn link_openid(site: &Site, login: &str, name: Option<String>) -> anyhow::Result<()> {
    let Some(provider) = site.openid.get() else {
        bail!("trang này chưa có mục [accounts.openid] trong settings.toml");
    };
    let Some(account) = account::find_by_login(site.db.reader(), login).await? else {
        bail!("không có tài khoản {login}");
    };
    let (issuer, now) = (
        provider.issuer().to_owned(),
        site.clock.now().timestamp_millis(),
    );
    let expected = name.clone();
    let done = site.db.write(move |tx| {
        Box::pin(async move {
            let action = match &expected {
                Some(name) => {
                    link::expect(tx, account.id, &issuer, name, now).await?;
                    Action::SsoLinked
                }
                None => {
                    link::unlink(tx, account.id).await?;
                    Action::SsoUnlinked
                }
            };
            let subject = Subject::account(&account);
            audit::record(tx, &Actor::CommandLine, action, subject, now).await
        })
    });
    done.await.map_err(in_words)?;
    match name {
        Some(name) => {
            println!("Ai đăng nhập lần đầu dưới tên {name} thì dùng tài khoản {login} từ đó.")
        }
        None => println!("Đã gỡ {login} khỏi hệ thống đăng nhập một lần."),
    }
    Ok(())
}

fn in_words(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(fields) => {
            let messages: Vec<String> = fields.into_iter().map(|field| field.message).collect();
            anyhow::anyhow!(messages.join(" "))
        }
        other => anyhow::Error::new(other),
    }
}

async fn find(site: &Site, login: &str) -> anyhow::Result<account::Model> {
    match account::find_by_login(site.db.reader(), login).await? {
        Some(found) => Ok(found),
        None => bail!("không có tài khoản {login}"),
    }
}

/// What an account may do, in words.
async fn granted(site: &Site, id: uuid::Uuid) -> anyhow::Result<String> {
    let sections = Tree::load(site.db.reader()).await?;
    let grants = grant::of(site.db.reader(), id).await?;
    Ok(in_a_line(&grants, &sections))
}

fn in_a_line(grants: &[Grant], sections: &Tree) -> String {
    let labels: Vec<String> = grants.iter().map(|grant| grant.label(sections)).collect();
    labels.join(", ")
}

async fn list(site: &Site) -> anyhow::Result<()> {
    let accounts = account::list(site.db.reader()).await?;
    if accounts.is_empty() {
        println!("Chưa có tài khoản nào. Thêm bằng lệnh: account add --login … --name … --role …");
        return Ok(());
    }
    let granted = grant::of_all(site.db.reader()).await?;
    let sections = Tree::load(site.db.reader()).await?;
    let rows: Vec<Vec<String>> = accounts
        .into_iter()
        .map(|account| {
            let grants = granted.get(&account.id).map(Vec::as_slice);
            let role = in_a_line(grants.unwrap_or_default(), &sections);
            let state = match (account.active, account.off_reason()) {
                (true, _) => "đang dùng",
                (false, Some(OffReason::Idle)) => "đã tự tắt vì lâu không đăng nhập",
                (false, None) => "đã tắt",
            };
            vec![account.login, account.name, role, state.to_owned()]
        })
        .collect();
    print!(
        "{}",
        cli::table(&["Đăng nhập", "Họ và tên", "Vai trò", "Trạng thái"], &rows)
    );
    Ok(())
}
