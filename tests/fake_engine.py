"""An engine over a handful of articles in memory: simple, predictable, and strict about what it is asked."""

from __future__ import annotations

import re
from collections import Counter

from index.article import Article, instant, written_day
from search.engine import EngineUnavailableError
from search.request import MAX_DEPTH, SearchRequest
from search.results import Everything, Extent, FacetValue, Fragment, Hit, MarkedArticle, Note, SearchResults

ARTICLES = (
    Article(
        "med-1",
        "الأمم المتحدة تعيد رسم خريطة المياه في المتوسط",
        "أعلنت الأمم المتحدة في جنيف خطة لقياس ملوحة الأنهار في 14 مدينة ساحلية، تبدأ في أيار/مايو.\n\n"
        "وتعتمد الخطة على مجسّات من طراز AquaSense C++ يقول مهندسوها إنها تعمل 1,200 يوم بلا صيانة.\r\n"
        "«لن نعرف البحر ما لم نقسه كل ساعة»، كما تقول مديرة البرنامج في الأمم المتحدة.",
        "https://almarfa.example/2016/05/med-1",
        "صحيفة المرفأ",
        "ليلى الحدّاد",
        "علوم",
        "2016-05-03",
    ),
    Article(
        "a/b//c",
        "مترو المدينة يصل إلى الضواحي أخيرًا",
        "بعد تسع سنوات من الحفر دخل أول قطار محطة الضاحية الشرقية عند الخامسة صباحًا.\nحضر الركاب قبل الموعد.",
        "http://difaf.example/metro",
        "موقع ضفاف",
        "سامر القاضي",
        "مدن",
        "2024-11-20T09:30:00+03:00",
    ),
    Article("/leading", "", "مقال من دون عنوان عن أسواق حلب القديمة وصابونها.", "", "موقع ضفاف", "", "مدن", ""),
    Article("odd id?x=1&y=100%#أ", "كيف قرأ الفلكيون ضوء نجم مات", "قصة مرصد صغير.", "ftp://old.example/x"),
    Article(
        'x"><script>',
        "عنوان <script>alert(1)</script> & «هادئ»",
        "نص فيه <img src=x onerror=alert(2)> وعلامات & أخرى",
        "javascript:alert(3)",
        'مصدر "<b>',
        "<i>كاتب</i>",
        "قسم <u>",
        "2023-01-01",
    ),
    *(
        Article(
            f"more-{n}",
            f"{subject} {n}",
            f"{subject}: تفاصيل العدد {n} من سلسلة عن حياة الناس في المدينة وأسواقها.",
            f"https://alwaha.example/{n}",
            ("جريدة الواحة", "مجلة مدارات", "وكالة الأفق")[n % 3],
            ("نادية الشريف", "عمر الطيّب", "رنا أبو خليل", "كريم عبد الرحيم")[n % 4],
            ("اقتصاد", "ثقافة", "رياضة", "صحة")[n % 4],
            f"20{14 + n % 12:02}-{1 + n % 12:02}-{1 + n % 27:02}",
        )
        for n, subject in enumerate(
            ("أسعار القمح تهدأ بعد صيف قلق", "ميناء قديم يتعلّم لغة السفن الجديدة", "حدائق السطوح تبرّد البيوت") * 11
        )
    ),
)


class FakeEngine:
    """Finds the articles that hold every word of the query as it is written.

    ``available``: whether there is an index at all. ``requests`` keeps what was asked.
    """

    def __init__(self, articles: tuple[Article, ...] = ARTICLES, available: bool = True) -> None:
        self.articles = articles
        self.available = available
        self.notes: tuple[Note, ...] = ()
        self.partial = False
        self.total: int | None = None
        self.requests: list[SearchRequest] = []

    def search(self, request: SearchRequest) -> SearchResults:
        self._check()
        assert request.page >= 1
        assert 1 <= request.per_page <= 100
        assert request.page * request.per_page <= MAX_DEPTH
        self.requests.append(request)
        words = request.text.split()
        found = self._found(request)
        begin = (request.page - 1) * request.per_page
        return SearchResults(
            text=request.text,
            match="any" if request.match == "any" else "all",
            notes=self.notes,
            total=len(found) if self.total is None else self.total,
            page=request.page,
            per_page=request.per_page,
            took_ms=1.25,
            hits=tuple(_hit(each, words) for each in found[begin : begin + request.per_page]),
            facets={
                **{name: _facet(found, name) for name in ("source", "category", "author")},
                "year": _years(found),
            },
            partial=self.partial,
            total_relation="gte" if self.partial else "eq",
        )

    def everything(self, request: SearchRequest) -> Everything:
        self._check()
        self.requests.append(request)
        found = self._found(request)
        return Everything(len(found), "all", self.notes, iter(found))

    def article(self, article_id: str, query: str = "") -> MarkedArticle | None:
        self._check()
        words = query.split()
        for each in self.articles:
            if each.id == article_id:
                return MarkedArticle(each, _fragment(each.title, words), _fragment(each.body, words))
        return None

    def generation(self) -> str:
        self._check()
        return "g-0001"

    def state(self) -> str:
        return self.generation()

    def extent(self) -> Extent:
        return Extent(self.generation(), len(self.articles), 1234)

    def close(self) -> None:
        """Nothing is open."""

    def _found(self, request: SearchRequest) -> list[Article]:
        words = request.text.split()
        found = [each for each in self.articles if _matches(each, words) and _passes(each, request)]
        if request.sort != "relevance":
            found.sort(key=_age, reverse=request.sort == "newest")
        return found

    def _check(self) -> None:
        if not self.available:
            raise EngineUnavailableError("no index in var/index; build one with: fihris reindex SOURCE")


def _matches(article: Article, words: list[str]) -> bool:
    return all(word in f"{article.title} {article.body}" for word in words)


def _passes(article: Article, request: SearchRequest) -> bool:
    filters = request.filters
    for name in ("source", "category", "author"):
        wanted = getattr(filters, name)
        if wanted and getattr(article, name) not in wanted:
            return False
    if filters.published_from or filters.published_to:
        if not article.published:
            return False
        day = written_day(article.published)
        return (filters.published_from or day) <= day <= (filters.published_to or day)
    return True


def _age(article: Article) -> float:
    return instant(article.published or "0001-01-01").timestamp()


def _hit(article: Article, words: list[str]) -> Hit:
    head = article.body[:160]
    body = _fragment(head, words, clipped_end=len(head) < len(article.body))
    return Hit(article, 1.5, (_fragment(article.title, words),) if article.title else (), (body,))


def _fragment(text: str, words: list[str], clipped_end: bool = False) -> Fragment:
    ranges = tuple(m.span() for m in re.finditer(r"\w+", text) if m.group() in words)
    return Fragment(text, ranges, clipped_end=clipped_end)


def _facet(found: list[Article], name: str) -> tuple[FacetValue, ...]:
    counts = Counter(getattr(each, name) for each in found if getattr(each, name))
    return tuple(FacetValue(value, count) for value, count in counts.most_common())


def _years(found: list[Article]) -> tuple[FacetValue, ...]:
    counts = Counter(str(written_day(each.published).year) for each in found if each.published)
    return tuple(FacetValue(value, counts[value]) for value in sorted(counts, reverse=True))
