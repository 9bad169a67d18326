"""Scrapy's settings for this project. Each line says why it is not left at Scrapy's default."""

from __future__ import annotations

from typing import Any

from scrapy.settings import default_settings

from fetcher import __version__

BOT_NAME = "fetcher"
SPIDER_MODULES = ["fetcher.spiders"]
COMMANDS_MODULE = "fetcher.commands"

# --- The run's own settings -------------------------------------------------------------------------------------------

SEEDS_DIR = "seeds"  # the folder of Markdown files that are kept current
REPORT_DIR = "reports"  # receives latest/report.json, latest/changes.patch and so on
REPORT_WEBHOOK = ""  # address to which a run's summary is posted as JSON, as chats take it
REFRESH_STATE = ".scrapy/refresh.sqlite"  # what is remembered between runs
REFRESH_RECHECK_DAYS = 30.0  # after so many days at most, a page is downloaded in full whatever its server says
SEEDS_URL_KEY = "source_url"  # where files have their page's address, in order of preference: "source_url,link"
SEEDS_STAMP_KEY = "fetched_at"  # and where their stamp: "fetched_at,clipped"; the first is added where none is
SEEDS_STAMP = "changed"  # fetched_at follows the stored body; "verified": it follows every good visit
REFRESH_PREFER = ""  # "markdown": asks for the Markdown of a page, and reads it once it agrees with the HTML
SEEDS_LINKS = ""  # "local": new links to pages that are seeds become paths of their files
SEEDS_FIELDS = ""  # what a page says of itself, to keys that rewritten seeds get: "language,published=date"
REFRESH_CONTACT = ""  # a mail address or URL for the owners of the sites, sent with every request
REFRESH_SITES = ""  # a file of rules for some sites: what to take of their pages, and how to ask for them
REFRESH_NETRC = ""  # a file of names and passwords, each sent to its own host only; ~/.netrc if empty
REFRESH_MAX_WAIT = 120.0  # seconds that a run waits where a host asks it to; hosts that ask for more are left for later
REFRESH_CONFIRM = True  # fetch a changed page a second time: what differs between the two changes by itself
REFRESH_WORKERS = "auto"  # processes that read pages, as many as cores; 0: the run's own process does
REFRESH_PAGE_SECONDS = 60.0  # of work that reading one page may take; the largest real ones take two
REFRESH_PAGE_MEMORY = 2048  # megabytes of one such process, where the system can bound them
REFRESH_BROWSER = ""  # the program of the browser that rules have render pages; empty: the Chromium or Chrome on PATH
REFRESH_BROWSER_PAGES = 4  # pages that it renders at a time
REFRESH_BROWSER_SECONDS = 30.0  # that rendering one page may take, without the time in which it waits for a host's turn
REFRESH_BROWSER_MEMORY = 1024  # megabytes of the process that renders a page
REFRESH_BROWSER_SANDBOX = True  # Chromium's own protection of the machine against pages; it does not work as root
REFRESH_WAVE = "20,20%"  # a change on so many pages, and on that share of a host's, is held back for a run; "": never
REFRESH_BRAKE_SHARE = 0.05  # share of broken, gone or shrunk pages above which writing stops; 1 never stops it

# --- Polite ----------------------------------------------------------------------------------------------------------

USER_AGENT = f"{BOT_NAME}/{__version__}"  # names the project; REFRESH_CONTACT is added to it
ROBOTSTXT_OBEY = True  # off by default
ROBOTSTXT_USER_AGENT = BOT_NAME  # what the rules are matched against; a contact address may hold any word
DOWNLOAD_DELAY = 1.0  # one request a second and host at most: nobody waits for a refresh
AUTOTHROTTLE_ENABLED = True  # slower still where the host answers slowly
AUTOTHROTTLE_START_DELAY = 1.0  # seconds; five by default, which for many hosts with few pages is most of the run
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # eight by default
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]  # what may pass by itself
RETRY_EXCEPTIONS = [  # the handler turns a TunnelError into what is retried; to name it here would load the handler
    kind for kind in default_settings.RETRY_EXCEPTIONS if not str(kind).endswith(".TunnelError")
]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the report has it; logged as an error by default
COOKIES_ENABLED = False  # a seed stores what any visitor sees, and one visit must not change the next
REFERER_ENABLED = True  # redirects need the component, ...
REFERRER_POLICY = "no-referrer"  # ... but hosts need not know where a request came from

# --- Safe ------------------------------------------------------------------------------------------------------------

DOWNLOAD_HANDLERS = {  # http and https only
    "http": "fetcher.first_request.LazyHttpHandler",
    "https": "fetcher.first_request.LazyHttpHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default: anyone between here and there could rewrite a seed
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # 1 GiB by default; the largest real pages have a few MB. Bounds decompression too
DOWNLOAD_WARNSIZE = 0  # the report has it
DOWNLOAD_TIMEOUT = 60  # seconds for the whole answer, which also ends endless slow ones; 180 by default
DNS_TIMEOUT = 20  # seconds; 60 by default
DNSCACHE_SIZE = 1_000_000  # names; large, so that the address connected to is the one that was checked; 10,000
REACTOR_THREADPOOL_MAXSIZE = 50  # names looked up at once, so that slow ones do not hold up others; 10 by default
REDIRECT_MAX_TIMES = 10  # 20 by default
METAREFRESH_ENABLED = False  # the verdict decides what such a page means
TELNETCONSOLE_ENABLED = False  # on by default: it opens a port
REMOTE_CONTROL_ENABLED = False  # on by default: it runs Python that it receives on a port

# --- Lean -------------------------------------------------------------------------------------------------------------

CONCURRENT_ITEMS = 1  # 100 tasks for each answer by default, for the one or two items that it has: 22 % of the time
LOG_LEVEL = "WARNING"  # a quiet run has nothing to log: the summary says what happened

WARN_ON_GENERATOR_RETURN_VALUE = False  # asked for each answer by default, of code that a linter has seen
LOG_VERSIONS: list[str] = []  # finding the versions starts a process, and at this level they are not logged

# Components without a use here, which would cost time at the start or for each answer. Setting them to None would not
# do, as Scrapy loads them even then. (The name is in lower case because one in capitals would be a setting.)
_idle = frozenset(
    {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",  # the spider has no list of domains to keep to
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",  # loads all that knows domain names
        "scrapy.extensions.remote_control.RemoteControl",  # loads a web server
        "scrapy.extensions.telnet.TelnetConsole",  # loads an SSH library
        "scrapy.spidermiddlewares.depth.DepthMiddleware",  # the spider yields no requests
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",  # the spider knows the outcome of error answers
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",  # drops requests without a count
    }
)
DOWNLOADER_MIDDLEWARES_BASE, EXTENSIONS_BASE, SPIDER_MIDDLEWARES_BASE = (
    {name: place for name, place in base.items() if name not in _idle}
    for base in (
        default_settings.DOWNLOADER_MIDDLEWARES_BASE,
        default_settings.EXTENSIONS_BASE,
        default_settings.SPIDER_MIDDLEWARES_BASE,
    )
)
DOWNLOADER_MIDDLEWARES: dict[str, Any] = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "fetcher.redirects.SubrequestMiddleware": 90,
    "fetcher.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "fetcher.middlewares.ContactMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "fetcher.middlewares.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "fetcher.middlewares.CompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "fetcher.redirects.RedirectMiddleware": 600,
    "fetcher.credentials.CredentialsMiddleware": 620,
    "fetcher.conditional.ConditionalMiddleware": 650,
}
ITEM_PIPELINES = {"fetcher.pipelines.Writer": 500}
EXTENSIONS = {
    "fetcher.extensions.Run": 500,
    "fetcher.stopping.Stop": 500,
    "fetcher.progress.Progress": 400,
    "fetcher.timers.Timers": 500,
}
