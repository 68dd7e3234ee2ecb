"""Who writes to the sample people. All of them, and their domains, are invented."""

from google_workspace_mcp.sandbox.people.cast import ALICE as ALICE_PERSON
from google_workspace_mcp.sandbox.people.cast import BEN as BEN_PERSON
from google_workspace_mcp.sandbox.people.cast import CHIARA as CHIARA_PERSON
from google_workspace_mcp.sandbox.people.mail_letter import Who

ALICE = Who(ALICE_PERSON.name, ALICE_PERSON.email, "Operations, Example Lamps")
BEN = Who(BEN_PERSON.name, BEN_PERSON.email, "Sales, Example Lamps New York")
CHIARA = Who(CHIARA_PERSON.name, CHIARA_PERSON.email, "Studio Rossi, Bologna")

PRIYA = Who("Priya Raman", "priya@example.com", "Engineering, Example Lamps")
JONAS = Who("Jonas Müller", "jonas.mueller@example.com", "Finanzen, Example Lamps")
TOMAS = Who("Tomás Álvarez", "tomas@example.com", "Warehouse, Example Lamps")
YUKI = Who("中村 由紀", "y.nakamura@sakura.example", "さくら照明株式会社")
LAYLA = Who("ليلى حداد", "layla@noor.example", "نور للتجارة")
HENRIK = Who("Henrik Sø", "henrik@fjordparts.example", "Fjord Parts")
GRETA = Who("Greta Lindqvist", "greta@lindqvist-legal.example", "Lindqvist Legal")
MUM = Who("Helena Ferreira", "helena.ferreira@mail.example")
LANDLORD = Who("Hausverwaltung Grün & Söhne", "verwaltung@gruen-soehne.example")
