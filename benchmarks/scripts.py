"""How much of text in fourteen languages is read in pixels, with and without Tesseract.

    python benchmarks/scripts.py

Each language has eight labels of technical drawings, drawn by Graphviz as boxes joined by arrows with the
fonts that fontconfig has for it, at two sizes. Printed are the share of characters read (one less the edit
distance over the length, both normalised), the share of nodes whose label is exact, and whether a warning
names what was not read. Languages without a font are left out and said so.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unicodedata
from pathlib import Path

from machine import machine
from rapidfuzz.distance import Levenshtein

from dic_ingest import ingest
from dic_ingest.vision import scripts

LABELS = {  # language: code of fontconfig, labels
    "German": (
        "de",
        "Prüfung der Größe",
        "Gerät übermittelt",
        "Änderung bestätigt",
        "Schlüssel gültig",
        "Maßnahme wählen",
        "Zurück",
        "Übertragung läuft",
        "Störung",
    ),
    "French": (
        "fr",
        "Vérifier la requête",
        "Échec d'accès",
        "Créer le fichier",
        "Mémoire tampon",
        "Clé privée",
        "Réseau",
        "Tâche terminée",
        "Préparer",
    ),
    "Polish": (
        "pl",
        "Sprawdź żądanie",
        "Błąd połączenia",
        "Zakończ działanie",
        "Urządzenie",
        "Wyślij dane",
        "Łącze",
        "Źródło",
        "Usuń",
    ),
    "Turkish": (
        "tr",
        "İsteği doğrula",
        "Geçersiz şifre",
        "Çıkış yap",
        "Ağ geçidi",
        "Sunucu yanıtı",
        "Güncelle",
        "Bağlantı",
        "Başarılı",
    ),
    "Russian": (
        "ru",
        "Проверить запрос",
        "База данных",
        "Ошибка подключения",
        "Отправить ответ",
        "Клиент",
        "Сервер",
        "Очередь",
        "Завершение",
    ),
    "Ukrainian": (
        "uk",
        "Перевірити запит",
        "База даних",
        "Помилка з'єднання",
        "Надіслати відповідь",
        "Клієнт",
        "Сервер",
        "Черга",
        "Завершення",
    ),
    "Greek": (
        "el",
        "Έλεγχος αίτησης",
        "Βάση δεδομένων",
        "Σφάλμα σύνδεσης",
        "Αποστολή",
        "Πελάτης",
        "Διακομιστής",
        "Ουρά",
        "Τέλος",
    ),
    "Korean": (
        "ko",
        "요청 확인",
        "데이터베이스",
        "연결 오류",
        "응답 전송",
        "클라이언트",
        "서버",
        "대기열",
        "종료",
    ),
    "Japanese": (
        "ja",
        "リクエストを確認",
        "データベース",
        "接続エラー",
        "応答を送信",
        "クライアント",
        "サーバー",
        "待ち行列",
        "終了",
    ),
    "Chinese": (
        "zh-cn",
        "检查请求",
        "数据库",
        "连接错误",
        "发送响应",
        "客户端",
        "服务器",
        "消息队列",
        "结束",
    ),
    "Arabic": (
        "ar",
        "تحقق من الطلب",
        "قاعدة البيانات",
        "خطأ في الاتصال",
        "إرسال الرد",
        "العميل",
        "الخادم",
        "الطابور",
        "النهاية",
    ),
    "Hebrew": (
        "he",
        "בדיקת הבקשה",
        "מסד נתונים",
        "שגיאת חיבור",
        "שליחת תשובה",
        "לקוח",
        "שרת",
        "תור",
        "סיום",
    ),
    "Hindi": (
        "hi",
        "अनुरोध जांचें",
        "डेटाबेस",
        "कनेक्शन त्रुटि",
        "उत्तर भेजें",
        "ग्राहक",
        "सर्वर",
        "कतार",
        "समाप्त",
    ),
    "Thai": (
        "th",
        "ตรวจสอบคำขอ",
        "ฐานข้อมูล",
        "ข้อผิดพลาด",
        "ส่งคำตอบ",
        "ลูกค้า",
        "เซิร์ฟเวอร์",
        "คิว",
        "สิ้นสุด",
    ),
}
DPI = (96, 150)


def main() -> None:
    """Print the table as Markdown."""
    print(machine())
    print("| language | characters, as packaged | with Tesseract | exact labels | said without Tesseract |")
    print("|---|---|---|---|---|")
    for language, (code, *labels) in LABELS.items():
        font = _font(code)
        if not font:
            print(f"| {language} | no font here | | | |")
            continue
        with tempfile.TemporaryDirectory() as folder:
            pictures = [_drawn(labels, font, dpi, Path(folder)) for dpi in DPI]
            bare = [_read(p, labels, tesseract=False) for p in pictures]
            full = [_read(p, labels, tesseract=True) for p in pictures]
        columns = [f"{_mean(r[0] for r in bare):.2f}", f"{_mean(r[0] for r in full):.2f}"]
        columns += [f"{_mean(r[1] for r in full):.2f}", "yes" if all(r[2] for r in bare) else "-"]
        print(f"| {language} | {' | '.join(columns)} |")


def _font(code: str) -> str:
    found = subprocess.run(
        ["fc-list", f":lang={code}", "family"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    families = sorted({f.split(",")[0] for f in found if "Mono" not in f}, key=lambda f: ("Sans" not in f, f))
    return families[0] if families else ""


def _drawn(labels: list[str], font: str, dpi: int, folder: Path) -> Path:
    assert shutil.which("dot"), "Graphviz is needed"
    nodes = "".join(f'n{k} [label="{label}"];' for k, label in enumerate(labels))
    edges = "".join(f"n{k}->n{k + 1};" for k in range(len(labels) - 1))
    source = f'digraph {{ node [shape=box fontname="{font}"]; {nodes} {edges} }}'
    path = folder / f"{dpi}.png"
    subprocess.run(["dot", "-Tpng", f"-Gdpi={dpi}", "-o", str(path)], input=source.encode(), check=True)
    return path


def _read(picture: Path, labels: list[str], tesseract: bool) -> tuple[float, float, bool]:
    """Share of characters read, share of labels exact, and whether unread text was warned of."""
    found = scripts.installed
    if not tesseract:
        scripts.installed = dict
    try:
        document = ingest(picture)
    finally:
        scripts.installed = found
    graph = document.figures[0].description.diagram  # type: ignore[union-attr]
    seen = [_plain(n.label) for n in graph.nodes] if graph else []
    wanted = [_plain(x) for x in labels]
    best = [max((Levenshtein.normalized_similarity(w, s) for s in seen), default=0.0) for w in wanted]
    warned = any(w.code == scripts.SCRIPT_NOT_READ for w in document.warnings)
    return _mean(best), _mean(float(w in seen) for w in wanted), warned


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _mean(values: object) -> float:
    listed = list(values)  # type: ignore[call-overload]
    return sum(listed) / max(len(listed), 1)


if __name__ == "__main__":
    main()
