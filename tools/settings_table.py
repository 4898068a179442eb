"""Writes the table of settings into both READMEs, from the fields of engine/settings.py."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READMES = {"en": ROOT / "README.md", "zh_CN": ROOT / "README.zh-CN.md"}
HEADS = {"en": "| variable | default | meaning |", "zh_CN": "| 变量 | 默认 | 含义 |"}
# Defaults that are words; all others are values.
DEFAULTS = {
    "sqlite in DATA_DIR": "DATA_DIR 中的 sqlite",
    "made once in DATA_DIR": "首次启动时在 DATA_DIR 中生成",
    "DATA_DIR/anchors.log": "DATA_DIR/anchors.log",
    "none": "无",
    "the system's": "系统自带",
    "on in production": "生产模式下启用",
    "none; of a demo its own": "无；演示用自己的",
}
# What each setting is for, in Chinese; in English it stands beside the field.
CHINESE = {
    "mode": "`demo` 演示或 `production` 生产；生产模式不接受默认密钥",
    "data_dir": "数据库文件、附件、锚点、密钥所在的目录",
    "database_url": "SQLAlchemy 网址",
    "secret_key": "会话和表单的签名密钥",
    "vault_keys": "Fernet 密钥，新的在前，用逗号分隔",
    "index_key": "盲索引的密钥",
    "audit_key": "审计摘要的密钥",
    "levels": "四个办理层级，从上到下",
    "timezone": "办公时间和页面所用的时区",
    "port": "`fengqiao run` 的端口，在 127.0.0.1",
    "tick_seconds": "后台两次运行之间的秒数",
    "anchor_file": "审计链头锚定在数据库以外的文件",
    "anchor_tsa": "给锚点盖时间戳的服务（RFC 3161）的网址",
    "anchor_tsa_roots": "信任的时间戳机构，PEM 文件",
    "anchor_syslog": "`host:port`，经 TLS 上的 syslog（RFC 5425）接收锚点",
    "anchor_syslog_roots": "该接收端信任的机构，PEM 文件",
    "anchor_syslog_certificate": "接收端要求时，我方证书和私钥的 PEM 文件",
    "signing_certificate": "PKCS#12 文件，盖章的文书用它做数字签名",
    "signing_password": "这个文件的密码",
    "upload_mb": "单个附件上限，MB",
    "cookie_secure": "会话 Cookie 只经 HTTPS",
    "log_level": "结构化日志的级别",
    "public_url": "对外地址，例如 https://a.example：链接、二维码、通行密钥用它",
    "demo_cases": "`fengqiao run` 新演示库里的虚构事项数，0 为不要",
    "metrics_token": "读取 /metrics 须带的令牌；没有设置的谁也不能读",
    "message_days": "已发送、已读消息保留的天数，0 为永久",
    "session_hours": "登录最长的小时数",
    "session_idle_minutes": "不操作即退出的分钟数，0 为不限",
    "separate_admins": "1：系统、安全、审计管理员须为不同的人",
    "former_days": "保密件绕开已离开相关单位的人的天数",
    "password_history": "不接受的以往密码个数",
    "password_days": "密码须更换的天数，0 为不要求",
    "second_factor_roles": "须二次验证的角色，或 `none`",
    "outgoing_allow": "消息可以发往的内网网段，例如 10.1.2.0/24，用逗号分隔",
    "proxies": "前面有几层反向代理，信任其请求头",
}
MARKS = re.compile(r"(<!-- settings:[^\n]*-->\n).*?(<!-- end of settings -->)", re.DOTALL)


def table(language: str) -> str:
    """Markdown: the variable, its default, what it is for."""
    from engine.settings import Settings

    rows = [
        f"| `FENGQIAO_{field.name.upper()}` | {_default(field.metadata['default'], language)} | "
        f"{field.metadata['doc'] if language == 'en' else CHINESE[field.name]} |\n"
        for field in fields(Settings)
        if "doc" in field.metadata
    ]
    return f"{HEADS[language]}\n|---|---|---|\n" + "".join(rows)


def with_table(text: str, language: str) -> str:
    """Return a README with the table as it is now."""
    return MARKS.sub(lambda marks: f"{marks[1]}{table(language)}{marks[2]}", text)


def _default(said: str, language: str) -> str:
    if language == "en":
        return said
    return DEFAULTS.get(said, said.replace("; in a demo none", "；演示时无"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for language, readme in READMES.items():
        text = with_table(readme.read_text(encoding="utf-8"), language)
        readme.write_text(text, encoding="utf-8")
