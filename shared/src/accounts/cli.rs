//! Accounts from the command line, for the person at the machine.

use super::Role;
use super::account::{self, NewAccount};
use crate::cli::{self, Place};
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
        /// Vai trò: contributor, editor, approver hoặc admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Mật khẩu lấy từ biến môi trường, để không lưu lại trong lịch sử lệnh
        #[arg(long, env = "LIEN_CONG_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Liệt kê tài khoản
    List(Place),
    /// Tắt một tài khoản; bài viết của người đó ở lại
    Disable {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tên đăng nhập
        login: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "phải là contributor, editor, approver hoặc admin".to_owned())
}

impl AccountCommand {
    /// The folder of the site whose accounts they are.
    pub fn dir(&self) -> &Path {
        match self {
            Self::Add { place, .. } | Self::Disable { place, .. } | Self::List(place) => &place.dir,
        }
    }

    /// Does what was asked.
    pub async fn run(self, site: &Site) -> anyhow::Result<()> {
        match self {
            Self::Add {
                login,
                name,
                role,
                password,
                ..
            } => {
                let is_made = password.is_none();
                let password = password.map_or_else(make_password, Ok)?;
                let new = NewAccount {
                    login,
                    name,
                    role,
                    password: password.clone(),
                };
                let account = create(site, new).await?;
                println!(
                    "Đã thêm {} ({}), đăng nhập tại {}",
                    account.login,
                    role.label(),
                    site.address("/quan-tri")
                );
                if is_made {
                    println!("Mật khẩu, chỉ hiện lần này: {password}");
                }
            }
            Self::List(_) => list(site).await?,
            Self::Disable { login, .. } => {
                let Some(found) = account::find_by_login(site.db.reader(), &login).await? else {
                    bail!("không có tài khoản {login}");
                };
                site.db
                    .write(move |tx| {
                        Box::pin(async move { account::set_active(tx, found.id, false).await })
                    })
                    .await?;
                println!("Đã tắt {login}.");
            }
        }
        Ok(())
    }
}

/// Adds an account; what is wrong with it is told in one sentence.
pub async fn create(site: &Site, new: NewAccount) -> anyhow::Result<account::Model> {
    let prepared = new
        .prepare(&site.profile.unit_name)
        .await
        .map_err(in_words)?;
    let now = site.clock.now().timestamp_millis();
    let created = site
        .db
        .write(move |tx| Box::pin(async move { account::create(tx, prepared, now).await }))
        .await;
    created.map_err(in_words)
}

/// A password nobody has to think of: 120 random bits.
pub fn make_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 15];
    getrandom::fill(&mut bytes).context("hệ điều hành không cho số ngẫu nhiên")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
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

async fn list(site: &Site) -> anyhow::Result<()> {
    let accounts = account::list(site.db.reader()).await?;
    if accounts.is_empty() {
        println!("Chưa có tài khoản nào. Thêm bằng lệnh: account add --login … --name … --role …");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = accounts
        .into_iter()
        .map(|account| {
            let role = account.role().label().to_owned();
            let state = if account.active {
                "đang dùng"
            } else {
                "đã tắt"
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
