//! All that is needed to install a member's site, in one file, with what is its own filled in.
//!
//! The one-time code is not in it. The bundle lies about in downloads and mailboxes, and can be fetched again; the
//! code counts once, and goes another way. So whoever finds the one has nothing yet.

use anyhow::Context;
use std::io::{Cursor, Write};
use url::Url;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What a bundle is made of, by name: its mode, and the text with places to be filled in.
const FILES: [(&str, u32, &str); 6] = [
    (
        "DOC-TRUOC.txt",
        0o644,
        include_str!("../../../deploy/bundle/DOC-TRUOC.txt"),
    ),
    (
        "cai-dat.sh",
        0o755,
        include_str!("../../../deploy/bundle/cai-dat.sh"),
    ),
    (
        "don-vi.conf",
        0o644,
        include_str!("../../../deploy/bundle/don-vi.conf"),
    ),
    (
        "Caddyfile",
        0o644,
        include_str!("../../../deploy/bundle/Caddyfile"),
    ),
    (
        "lien-cong",
        0o755,
        include_str!("../../../deploy/systemd/lien-cong"),
    ),
    (
        "lien-cong-member.service",
        0o644,
        include_str!("../../../deploy/systemd/lien-cong-member.service"),
    ),
];

/// The member a bundle is for.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What the unit is called.
    pub name: String,
    /// Where its portal is to answer.
    pub base_url: String,
    /// Where the province answers.
    pub hub: String,
}

impl Bundle {
    /// What its folder is called on the member's machine: the first part of its host, of which it is known that it
    /// makes a name.
    pub fn folder(&self) -> String {
        let host = self.host();
        let first = host.split('.').next().unwrap_or_default();
        let folder: String = first
            .chars()
            .filter(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || *sign == '-')
            .collect();
        match folder.is_empty() {
            true => "trang".to_owned(),
            false => folder,
        }
    }

    /// What the file is called.
    pub fn file_name(&self) -> String {
        format!("lien-cong-{}.zip", self.folder())
    }

    /// What joins it to the province; the code is asked for.
    pub fn command(&self) -> String {
        format!(
            "lien-cong member {} join --hub {} --base-url {} --link push",
            self.folder(),
            self.hub,
            self.base_url
        )
    }

    /// The file.
    pub fn to_zip(&self) -> anyhow::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let folder = format!("lien-cong-{}", self.folder());
        for (name, mode, text) in FILES {
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .unix_permissions(mode);
            zip.start_file(format!("{folder}/{name}"), options)
                .with_context(|| format!("cannot pack {name}"))?;
            zip.write_all(self.filled_in(text).as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn host(&self) -> String {
        Url::parse(&self.base_url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// `text` with what is this member's own in its places. None of it may end a line: what follows would be read as
    /// something else by whoever reads the file.
    fn filled_in(&self, text: &str) -> String {
        let line = |value: &str| value.replace(char::is_control, " ");
        [
            ("{name}", line(&self.name)),
            ("{base_url}", line(&self.base_url)),
            ("{host}", self.host()),
            ("{hub}", line(&self.hub)),
            ("{folder}", self.folder()),
            ("{command}", self.command()),
        ]
        .iter()
        .fold(text.to_owned(), |text, (place, value)| {
            text.replace(place, value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_bundle_has_what_is_its_own_filled_in_and_no_code() {
        let bundle = Bundle {
            name: "xã Đăk Kôi\nHUB=https://xau.example".to_owned(),
            base_url: "https://dakkoi.quangngai.example".to_owned(),
            hub: "https://quangngai.example".to_owned(),
        };
        assert_eq!(bundle.file_name(), "lien-cong-dakkoi.zip");
        let bytes = bundle.to_zip().expect("a bundle");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
        assert_eq!(zip.len(), FILES.len());
        let mut read = |name: &str| {
            let mut file = zip
                .by_name(&format!("lien-cong-dakkoi/{name}"))
                .expect("it is there");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("a text");
            (text, file.unix_mode())
        };
        let (settings, _) = read("don-vi.conf");
        for line in [
            "HUB=https://quangngai.example",
            "BASE_URL=https://dakkoi.quangngai.example",
            "FOLDER=dakkoi",
        ] {
            assert!(settings.lines().any(|one| one == line), "{settings}");
        }
        assert!(!settings.lines().any(|one| one == "HUB=https://xau.example"));
        let (script, mode) = read("cai-dat.sh");
        assert!(script.contains("join --hub \"$HUB\""));
        assert_eq!(mode.map(|mode| mode & 0o777), Some(0o755));
        let (front, _) = read("Caddyfile");
        assert!(front.contains("\ndakkoi.quangngai.example {"), "{front}");
        assert!(front.contains("{remote_port}"), "Caddy's own places stay");
        let (about, _) = read("DOC-TRUOC.txt");
        assert!(about.contains(&bundle.command()), "{about}");
        for (name, _, _) in FILES {
            let (text, _) = read(name);
            let is_filled = [
                "{name}",
                "{host}",
                "{hub}",
                "{folder}",
                "{base_url}",
                "{command}",
            ]
            .iter()
            .all(|place| !text.contains(place));
            assert!(is_filled && !text.contains("--code 0"), "{name}");
        }
    }
}
