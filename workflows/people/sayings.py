"""What refusals about people and rights say: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    # signing in
    "sign_in_failed": (
        Text("用户名或密码不对", "the name or the password is wrong"),
        Text("请核对后再试，忘记密码请找管理员", "check both, or ask an administrator for a new password"),
    ),
    "sign_in_shut": (
        Text("登录失败次数过多", "signing in failed too often"),
        Text("请 {minutes} 分钟后再试", "try again in {minutes} min"),
    ),
    # passwords
    "password_short": (
        Text("密码不足 {least} 个字符", "the password has fewer than {least} characters"),
        Text("请用更长的密码，几个词连起来也好", "take a longer one; several words in a row are good"),
    ),
    "password_long": (
        Text("密码超过 {most} 个字符", "the password has more than {most} characters"),
        Text("请用短一些的密码", "take a shorter one"),
    ),
    "password_common": (
        Text("这个密码太常见", "this password is among the commonest"),
        Text("请换一个别人猜不到的", "take one that nobody guesses"),
    ),
    "password_name": (
        Text("密码里主要是姓名或用户名", "the password is mostly the user's own name"),
        Text("请换一个别人猜不到的", "take one that nobody guesses"),
    ),
    # users
    "user_name": (
        Text("“{name}”不能作用户名", "{name!r} cannot be the name of a user"),
        Text("请用 1 至 64 个字，不含空格和 : @ , / #", "use 1 to 64 characters, without spaces and : @ , / #"),
    ),
    "user_exists": (
        Text("用户 {user} 已存在", "there is a user {user} already"),
        Text("请换一个用户名", "choose another name"),
    ),
    "subject_taken": (
        Text("身份 {subject} 已属于另一用户", "the subject {subject} belongs to another user"),
        Text("请核对统一身份的标识", "check who that is to the provider"),
    ),
    "mail_address": (
        Text("“{mail}”不是邮箱地址", "{mail!r} is not a mail address"),
        Text("请写成 li@example.org 这样", "write it as in li@example.org"),
    ),
    "channel_address": (
        Text("通知渠道“{scheme}”不认识", "notices cannot go to an address that begins with {scheme!r}"),
        Text("请写完整地址，以 {known} 之一开头", "write the whole address; it begins with one of {known}"),
    ),
    "unknown_user": (
        Text("没有用户 {user}", "there is no user {user}"),
        Text("用 duban user list 查看全部用户", "duban user list shows all users"),
    ),
    "user_closed": (
        Text("用户 {user} 已停用", "the account of {user} is closed"),
        Text("请换一个用户", "name somebody else"),
    ),
    "last_admin": (
        Text("{user} 是唯一长期任职的管理员", "{user} is the only administrator for good"),
        Text("请先任命另一位管理员", "name another administrator first"),
    ),
    "no_admin": (
        Text("还没有管理员", "there is no administrator yet"),
        Text("先运行 duban user add 用户名 --role admin", "first run duban user add NAME --role admin"),
    ),
    "needs_admin": (
        Text("这须由管理员办理，{actor} 不是管理员", "only an administrator may do this, and {actor} is none"),
        Text("请写明一位管理员：duban --as 用户名 …（有 {known}）", "name one with duban --as NAME … ({known})"),
    ),
    "unnamed_admin": (
        Text("这须由管理员办理，没有写明是哪一位", "only an administrator may do this, and none is named"),
        Text("请写明一位管理员：duban --as 用户名 …（有 {known}）", "name one with duban --as NAME … ({known})"),
    ),
    # units
    "unit_name": (
        Text("“{name}”不能作单位标识", "{name!r} cannot be the id of a unit"),
        Text("请用 1 至 64 个字，不含空格和 : @ , / #", "use 1 to 64 characters, without spaces and : @ , / #"),
    ),
    "unit_exists": (
        Text("单位 {unit} 已存在", "there is a unit {unit} already"),
        Text("请换一个标识", "choose another id"),
    ),
    "unknown_unit": (
        Text("没有单位 {unit}", "there is no unit {unit}"),
        Text("用 duban unit list 查看全部单位", "duban unit list shows all units"),
    ),
    "unit_closed": (
        Text("单位 {unit} 已于 {at} 撤销或并入其他单位", "the unit {unit} is closed or merged as of {at}"),
        Text("请用现有的单位", "name a unit that is open"),
    ),
    "unit_below": (
        Text("单位 {unit} 下面还有：{below}", "these units are still under {unit}: {below}"),
        Text("请先把它们撤销、合并或划归别的单位", "close, merge or move them first"),
    ),
    "unit_cycle": (
        Text("{unit} 不能归入 {into}，会形成循环隶属", "{unit} cannot go to {into}: they would go round in a circle"),
        Text("请核对两个单位", "check which unit goes where"),
    ),
    # roles
    "unknown_role": (
        Text("没有角色 {role}", "there is no role {role}"),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "role_of_the_system": (
        Text("{role} 是全系统的角色，不分流程和单位", "{role} is held for the whole system"),
        Text("请去掉流程和单位", "leave process and unit out"),
    ),
    "role_needs_unit": (
        Text("角色 {role} 是某一单位的", "the role {role} is held for a unit"),
        Text("请写明单位：--unit 单位", "say which: --unit UNIT"),
    ),
    "role_held": (
        Text("{user} 在此期间已有角色 {role}", "{user} holds the role {role} in that time already"),
        Text("要改期间，先用 duban role end 结束原来的", "to change when, end the old one first with duban role end"),
    ),
    "unknown_holding": (
        Text("没有编号为 {holding} 的任职", "nobody holds a role under number {holding}"),
        Text("用 duban role list 查看编号", "duban role list shows the numbers"),
    ),
    "not_held": (
        Text("届时 {user} 没有角色 {role}", "{user} does not hold the role {role} then"),
        Text("用 duban role list 查看任职", "duban role list shows who holds what"),
    ),
    "deputy_self": (
        Text("{user} 不能代理自己", "{user} cannot stand in for themselves"),
        Text("请写明另一位", "name somebody else"),
    ),
    "period": (
        Text("起于 {from}，止于 {to}，没有一刻有效", "from {from} to {to} there is not a moment"),
        Text("请写更晚的终止时间", "give a later end"),
    ),
    # tokens
    "token_scope": (
        Text("令牌的用途不可用：{scope}", "a token cannot have these scopes: {scope}"),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "token_days": (
        Text("令牌有效期不得为 {days} 天", "a token cannot last {days} days"),
        Text("请写 1 至 {most} 天", "give 1 to {most} days"),
    ),
    "unknown_token": (
        Text("{user} 没有编号为 {token} 的令牌", "{user} has no token under number {token}"),
        Text("用 duban token list 查看编号", "duban token list shows the numbers"),
    ),
}
