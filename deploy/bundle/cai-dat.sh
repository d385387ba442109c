#!/usr/bin/env bash
# Installs one member's site on this machine, joins it to its province and starts it. What is its own stands in
# don-vi.conf beside this script. A second run goes on where the first one stopped.
set -euo pipefail
cd "$(dirname "$0")"
source ./don-vi.conf

say() { printf '%s\n' "$*" >&2; }
[[ $EUID -eq 0 ]] || { say "Hãy chạy bằng quyền quản trị: sudo bash cai-dat.sh"; exit 1; }
command -v systemctl >/dev/null || { say "Máy này không dùng systemd; xem DOC-TRUOC.txt để tự gõ lệnh."; exit 1; }

if [[ -f member-site ]]; then
  install -D -m 755 member-site /opt/lien-cong/bin/member-site
elif [[ ! -x /opt/lien-cong/bin/member-site ]]; then
  say "Chưa có chương trình member-site: chép nó vào thư mục này rồi chạy lại."
  exit 1
fi
install -D -m 755 lien-cong /opt/lien-cong/bin/lien-cong
ln -sf /opt/lien-cong/bin/lien-cong /usr/local/bin/lien-cong
install -m 644 lien-cong-member.service /etc/systemd/system/lien-cong-member.service

site=/var/lib/lien-cong-member/$FOLDER
if [[ -e /var/lib/private/lien-cong-member/$FOLDER || -e $site ]]; then
  say "Trang $FOLDER đã kết nối từ trước."
else
  lien-cong member "$FOLDER" join --hub "$HUB" --base-url "$BASE_URL" --link "$LINK" --listen "$LISTEN"
fi

install -d -m 700 /etc/lien-cong
list=/etc/lien-cong/member.env
if [[ ! -f $list ]]; then
  (umask 077 && echo "LIEN_CONG_DIR=$site" > "$list")
elif ! grep -q "^LIEN_CONG_DIR=.*$site\(,\|\$\)" "$list"; then
  # Another site is served on this machine already: both share its listener.
  sed -i "s|^LIEN_CONG_DIR=.*|&,$site|" "$list"
fi
systemctl daemon-reload
systemctl enable lien-cong-member
systemctl restart lien-cong-member
say "Đã cài xong. Tiếp theo: bước 2 và bước 3 trong DOC-TRUOC.txt."
