"""Words of one's own account."""

from engine.problems import Text

WORDS = {
    "settings": Text("设置", "Settings"),
    "mail": Text("邮箱（接收通知）", "Mail, where notices go"),
    "saved": Text("已保存。", "Saved."),
    "language_zh": Text("中文", "中文"),
    "language_en": Text("English", "English"),
    "roles_held": Text("身份", "Roles"),
    "role_admin": Text("管理员", "Administrator"),
    "role_auditor": Text("审计员", "Auditor"),
    "role_any": Text("所有流程", "all processes"),
    "password_change": Text("修改密码", "Change the password"),
    "password_old": Text("现在的密码", "Password now"),
    "password_new": Text("新密码", "New password"),
    "password_again": Text("再输一次新密码", "New password again"),
    "password_differs": Text("两次输入的新密码不同。", "The two new passwords differ."),
    "password_changed": Text("密码已修改，请重新登录。", "The password is changed. Sign in again."),
    "sessions": Text("登录中的设备", "Where I am signed in"),
    "session_began": Text("登录于", "Since"),
    "session_seen": Text("最近使用", "Last used"),
    "session_agent": Text("浏览器", "Browser"),
    "session_this": Text("本机", "this one"),
    "session_end": Text("退出该设备", "Sign it out"),
    "session_end_others": Text("退出其他所有设备", "Sign out everywhere else"),
    "tokens": Text("程序接口令牌", "Keys for programs"),
    "tokens_why": Text(
        "程序凭令牌以您的身份调用接口；只显示一次，请妥善保存。",
        "With a key a program calls the API as you. A key is shown once: keep it safe.",
    ),
    "token_name": Text("用途", "What it is for"),
    "token_scopes": Text("权限", "It may"),
    "token_days": Text("有效天数", "Days that it lasts"),
    "token_issue": Text("发放令牌", "Issue a key"),
    "token_issued": Text("新令牌，只显示这一次：", "The new key, shown this once:"),
    "token_ends": Text("有效至", "Until"),
    "token_used": Text("最近使用", "Last used"),
    "token_revoke": Text("收回", "Revoke"),
    "token_revoked": Text("已收回", "revoked"),
    "token_never": Text("从未", "never"),
    "scope_read": Text("读取", "read"),
    "scope_act": Text("办理", "act"),
    "scope_admin": Text("管理", "administer"),
    "col_process": Text("流程", "Process"),
    "provider_failed": Text(
        "通过身份提供方登录没有成功，请重试。", "Signing in by the provider did not succeed; try again."
    ),
    "provider_unknown": Text(
        "身份提供方认可您，但这里没有您的账户；请与管理员联系。",
        "The provider knows you, but there is no account for you here; ask the administrator.",
    ),
}
