//! `[accounts.openid]`

use crate::http_client::Allow;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where the single sign-on is, and what its word counts for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdSettings {
    /// The provider, exactly as it names itself.
    pub issuer: String,
    /// What the provider calls this site.
    pub client_id: String,
    /// The file with the secret shared with the provider, from the site's folder. Without one this is a
    /// public client, with PKCE alone.
    pub client_secret_file: Option<PathBuf>,
    /// What the button says.
    #[serde(default = "label")]
    pub label: String,
    /// What is asked for, besides `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Which claim names the person, for accounts an administrator has linked by that name.
    #[serde(default = "login_claim")]
    pub login_claim: String,
    /// Values of `amr` that prove a second factor, such as `otp` or `hwk`; none: ours is asked for.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// Values of `acr` that do.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
    /// The provider's host and port, if it is on a private network.
    #[serde(default)]
    pub allow: Allow,
}

fn label() -> String {
    "Đăng nhập một lần của tỉnh".to_owned()
}

fn scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn login_claim() -> String {
    "preferred_username".to_owned()
}

impl OpenIdSettings {
    /// The secret in its file, with `folder` as the place to look from.
    pub fn secret(&self, folder: &Path) -> anyhow::Result<Option<String>> {
        let Some(file) = &self.client_secret_file else {
            return Ok(None);
        };
        let file = folder.join(file);
        let secret = std::fs::read_to_string(&file).with_context(|| {
            format!(
                "không đọc được tệp client_secret_file {} của mục [accounts.openid]",
                file.display()
            )
        })?;
        let secret = secret.trim();
        ensure!(
            !secret.is_empty(),
            "tệp {} trống; hãy ghi mật khẩu ứng dụng do hệ thống đăng nhập cấp",
            file.display()
        );
        Ok(Some(secret.to_owned()))
    }
}
