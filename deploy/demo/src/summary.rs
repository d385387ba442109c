//! What the demo tells people, and programs through `demo.json`: addresses and sign-ins.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use shared::accounts::Role;
use std::path::Path;

const FILE: &str = "demo.json";

/// The whole demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The port of the hub; the others follow it.
    pub port: u16,
    /// The hub.
    pub hub: SiteSummary,
    /// The native members.
    pub members: Vec<SiteSummary>,
    /// The portal that is not ours.
    pub foreign: SiteSummary,
    /// The code the office reads tips with.
    #[serde(default)]
    pub office_code: Option<String>,
    /// The receipts of those who asked something.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
}

/// What somebody was given who asked something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The unit at whose site.
    pub unit: String,
    /// What was asked.
    pub subject: String,
    /// The code that opens it at `/tra-cuu`.
    pub code: String,
}

/// One site.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SiteSummary {
    /// Its unit.
    pub unit: String,
    /// Where it answers.
    pub base_url: String,
    /// Who can sign in.
    pub accounts: Vec<Account>,
    /// Its feeds.
    pub feeds: Vec<String>,
}

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its password, made for this demo alone.
    pub password: String,
}

impl Summary {
    /// The summary in `dir`; `None` before the demo was made.
    pub fn read(dir: &Path) -> anyhow::Result<Option<Self>> {
        let file = dir.join(FILE);
        if !file.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&file)?;
        let summary = serde_json::from_str(&text).with_context(|| {
            format!("{} không đọc được; xóa thư mục để tạo lại", file.display())
        })?;
        Ok(Some(summary))
    }

    /// Writes the summary into `dir`, readable by this user alone. Its being there says that the
    /// demo is whole.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let aside = dir.join("demo.json.new");
        std::fs::write(&aside, serde_json::to_vec_pretty(self)?)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&aside, std::fs::Permissions::from_mode(0o600))?;
        }
        std::fs::rename(&aside, dir.join(FILE))?;
        Ok(())
    }

    /// Tells people where to look and how to sign in.
    pub fn print(&self) {
        println!("\nTỈNH MINH HỌA ĐANG CHẠY\n");
        let rows: Vec<Vec<String>> = std::iter::once(&self.hub)
            .chain(&self.members)
            .map(|site| {
                let sign_in = site.accounts.iter().max_by_key(|account| account.role);
                let (login, password) = sign_in
                    .map(|account| (account.login.clone(), account.password.clone()))
                    .unwrap_or_default();
                vec![site.unit.clone(), site.base_url.clone(), login, password]
            })
            .collect();
        print!(
            "{}",
            shared::cli::table(&["Đơn vị", "Địa chỉ", "Đăng nhập", "Mật khẩu"], &rows)
        );
        println!(
            "\n{} là trang ngoài hệ thống, cổng tỉnh đọc qua {}",
            self.foreign.unit,
            self.foreign.feeds.join(", ")
        );
        println!(
            "Phòng biên tập của mỗi trang ở địa chỉ của trang và /quan-tri. Mọi tài khoản có trong demo.json."
        );
        println!(
            "Mã tra cứu của {} câu hỏi, phản ánh mẫu và mã đọc tin báo kín cũng ở đó.",
            self.receipts.len()
        );
        println!("Nhấn Ctrl-C để dừng.");
    }
}
