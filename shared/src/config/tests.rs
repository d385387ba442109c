use super::*;
use serde::Deserialize;
use std::io::Write;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    server: Server,
    #[serde(default)]
    hub: Option<Hub>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    port: u16,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    log: Log,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Log {
    #[default]
    Text,
    Json,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hub {
    url: String,
    password: String,
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    super::Settings {
        path: Path::new("/etc/lien-cong/hub.toml"),
        text,
        overrides: overrides("LIEN_CONG", variables)?,
    }
    .read()
}

fn complaint(text: &str, variables: &[(&str, &str)]) -> String {
    read(text, variables).expect_err("a mistake").to_string()
}

const PLAIN: &str = "[server]\nport = 80\n";

#[test]
fn a_file_is_read() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    write!(file, "{PLAIN}hosts = ['cong.example']\nlog = 'json'\n").expect("written");
    let settings: Settings = load(file.path(), "LIEN_CONG_TEST").expect("settings");
    assert_eq!(settings.server.hosts, ["cong.example"]);
    assert_eq!(settings.server.log, Log::Json);

    let missing = load::<Settings>(Path::new("/khong/co.toml"), "LIEN_CONG_TEST");
    let missing = missing.expect_err("no such file").to_string();
    assert!(
        missing.starts_with("không đọc được tệp cấu hình /khong/co.toml"),
        "{missing}"
    );
}

#[test]
fn the_environment_overrides_and_adds() {
    let variables = [
        ("LIEN_CONG_SERVER__PORT", "8443"),
        ("LIEN_CONG_SERVER__HOSTS", r#"["a.example", "b.example"]"#),
        ("LIEN_CONG_SERVER__SECURE", "true"),
        ("LIEN_CONG_HUB__URL", "https://tinh.example"),
        // Text that looks like a number stays text where text is wanted.
        ("LIEN_CONG_HUB__PASSWORD", "0123"),
        // Neither of these is a setting.
        ("LIEN_CONG_CONFIG", "/etc/lien-cong/hub.toml"),
        ("LIEN_CONGX_SERVER__PORT", "1"),
    ];
    let settings = read(PLAIN, &variables).expect("settings");
    assert_eq!(
        settings,
        Settings {
            server: Server {
                port: 8443,
                hosts: vec!["a.example".into(), "b.example".into()],
                secure: true,
                log: Log::Text,
            },
            hub: Some(Hub {
                url: "https://tinh.example".into(),
                password: "0123".into(),
            }),
        }
    );
    let number = [
        ("LIEN_CONG_HUB__URL", "1"),
        ("LIEN_CONG_HUB__PASSWORD", "12"),
    ];
    let hub = read(PLAIN, &number).expect("settings").hub.expect("a hub");
    assert_eq!((hub.url.as_str(), hub.password.as_str()), ("1", "12"));
}

#[test]
fn a_mistake_in_the_file_is_named_with_its_line() {
    let at = "/etc/lien-cong/hub.toml, dòng";
    let cases = [
        (
            "[server]\nport = 80\n\nprot = 1\n",
            "4: không có mục nào tên `prot`; ở đây có: `port`, `hosts`, `secure`, `log`",
        ),
        (
            "[server]\nport = '80'\n",
            "2: cần số nguyên từ 0 đến 65535, không phải chuỗi ký tự trong dấu nháy",
        ),
        (
            "[server]\nport = 99999\n",
            "2: giá trị ngoài phạm vi; cần số nguyên từ 0 đến 65535",
        ),
        (
            "# ghi chú\n[server]\nsecure = true\n",
            "2: thiếu `port`; hãy thêm vào",
        ),
        (
            "[server]\nport = 80\nsecure = 'yes'\n",
            "3: cần true hoặc false, không phải chuỗi ký tự trong dấu nháy",
        ),
        (
            "[server]\nport = 80\nlog = 'xml'\n",
            "3: giá trị `xml` không dùng được; hãy chọn: `text`, `json`",
        ),
        (
            "[server]\nport = 80\nport = 81\n",
            "3: mục này được ghi hai lần; hãy bỏ bớt một",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(complaint(text, &[]), format!("{at} {expected}"));
    }
    let broken = complaint("[server]\nport = \n", &[]);
    assert!(
        broken.starts_with(&format!("{at} 2: sai cú pháp TOML")),
        "{broken}"
    );
    let hosts = complaint("[server]\nport = 80\nhosts = [\n  'a',\n  5,\n]\n", &[]);
    assert!(
        hosts.starts_with(&format!("{at} 5: cần chuỗi ký tự")),
        "{hosts}"
    );
}

#[test]
fn a_mistake_in_a_variable_is_named_with_it_and_without_its_value() {
    let cases = [
        (
            "LIEN_CONG_SERVER__PORT",
            "bí mật",
            "cần số nguyên từ 0 đến 65535, không phải chuỗi ký tự trong dấu nháy",
        ),
        (
            "LIEN_CONG_SERVER__PORT",
            "99999",
            "giá trị ngoài phạm vi; cần số nguyên từ 0 đến 65535",
        ),
        (
            "LIEN_CONG_SERVER__PROT",
            "1",
            "không có mục nào tên `prot`; ở đây có: `port`, `hosts`, `secure`, `log`",
        ),
        (
            "LIEN_CONG_SERVER__HOSTS",
            "[1]",
            "cần chuỗi ký tự trong dấu nháy, không phải số nguyên",
        ),
        (
            "LIEN_CONG_HUB__URL",
            "https://a.example",
            "thiếu `password`; hãy thêm vào",
        ),
        (
            "LIEN_CONG_SERVER__PORT__X",
            "1",
            "`port` trong tệp cấu hình là một giá trị, không phải một mục",
        ),
    ];
    for (name, value, expected) in cases {
        let complaint = complaint(PLAIN, &[(name, value)]);
        assert_eq!(complaint, format!("biến môi trường {name}: {expected}"));
    }
}
