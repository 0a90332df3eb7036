"""Pages as portals serve them: four templates around the same article."""

from __future__ import annotations

from html import escape

NAVIGATION = (
    '<div class="nav"><a href="/">首页导航</a><a href="/zw">政务公开</a><a href="/fw">办事服务</a></div>'
    '<div class="breadcrumb">当前位置：<a href="/">首页</a> &gt; <a>政策解读栏目</a></div>'
)
FOOTER = (
    '<div class="related"><h3>相关阅读推荐</h3><ul><li><a>图解：质量强市</a></li><li><a>媒体聚焦报道</a></li></ul></div>'
    '<div class="share">分享到微信微博</div>'
    '<div id="footer">版权所有：某某市人民政府办公室 网站标识码3300000000 备案号</div>'
    "<script>var tracking = '访问统计脚本';</script>"
)
# Phrases of the page around the article, none of which may come through.
LEAKS = (
    "首页导航",
    "办事服务",
    "政策解读栏目",
    "相关阅读推荐",
    "媒体聚焦报道",
    "分享到微信微博",
    "网站标识码",
    "访问统计脚本",
    "隐藏的文字",
)


def editor_page(lines):
    """The editor of a common content management system: one `<p>` a line."""
    body = "\n".join(f'  <p style="text-indent: 2em">{escape(line)}</p>' for line in lines)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>政策-某某市人民政府</title></head><body>'
        f'{NAVIGATION}<div class="main"><div class="TRS_Editor">\n{body}\n<p style="display:none">隐藏的文字</p></div></div>'
        f"{FOOTER}</body></html>"
    ).encode()


def break_page(lines):
    """An older page in the declared gb2312, lines between `<br>`, characters outside GB 2312 included."""
    body = "<br>\r\n&nbsp;".join(escape(line) for line in lines)
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>政策</title></head>'
        f'<body>{NAVIGATION}<div id="zoom">{body}</div>{FOOTER}</body></html>'
    ).encode("gb18030")


def table_page(lines):
    """Layout by nested tables, the article in one cell."""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        '<html><head><meta charset="GBK"></head><body><table width="1000"><tr><td>'
        f"<table><tr><td>{NAVIGATION}</td></tr></table></td></tr><tr><td>"
        f'<table><tr><td width="20"></td><td><table><tr><td>{body}</td></tr></table></td></tr></table></td></tr>'
        f"<tr><td>{FOOTER}</td></tr></table></body></html>"
    ).encode("gb18030")


def heading_page(lines):
    """A newer page: headings as heading tags, text in divs and spans, an article element."""
    body = ""
    for line in lines:
        middle = len(line) // 2
        if line.startswith(tuple("一二三四五六七八九十")) and len(line) < 30:
            body += f"<h2>{escape(line)}</h2>"
        else:
            body += f"<div><span>{escape(line[:middle])}</span><span>{escape(line[middle:])}</span></div>"
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"></head><body><header><nav>首页导航</nav></header>'
        f"{NAVIGATION}<article>{body}</article><aside>相关阅读推荐</aside>{FOOTER}</body></html>"
    ).encode()


TEMPLATES = (editor_page, break_page, table_page, heading_page)
