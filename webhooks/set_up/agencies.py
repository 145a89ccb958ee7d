"""Made-up casts of agencies, each council's own: schools, health, police and housing of its part of the country."""

from __future__ import annotations

_EVERYWHERE = (
    "Health visiting service",
    "School nursing service",
    "Speech and language therapy",
    "Probation Service",
    "Young Carers Project",
)
_LOCAL = {
    "camden": (
        "Kentish Town Primary School",
        "Health visiting service, Central and North West London NHS Foundation Trust",
        "Metropolitan Police, child abuse investigation team",
        "St Pancras Community Adolescent Mental Health Service",
        "Hampstead Road GP surgery",
        "Family Drug and Alcohol Service",
        "Solace Women’s Aid",
        "Probation Service, North London",
        "Housing support, Somers Town",
        "Speech and language therapy",
        "School nursing service",
        "Young Carers Project",
    ),
    "darlington": (
        "Skerne Park Academy",
        "Durham Constabulary, central referral unit",
        "County Durham and Darlington NHS Foundation Trust, looked-after children’s nursing team",
        "Tees, Esk and Wear Valleys Child and Adolescent Mental Health Service",
        "Clifton Court GP surgery",
        "Family Help, Darlington",
        "Housing options, Town Hall",
    ),
    "dorset": (
        "Poole Bay Community Primary School",
        "Dorset Police, Multi-Agency Safeguarding Hub (Bournemouth, Christchurch and Poole)",
        "Dorset HealthCare University NHS Foundation Trust, health visiting, Weymouth and Portland",
        "Christchurch GP surgery",
        "Paragon Domestic Abuse Service",
        "Children and Family Court Advisory and Support Service (Cafcass), Bournemouth",
    ),
    "southwark": (
        "Rye Lane Primary School",
        "Guy’s and St Thomas’ NHS Foundation Trust, community health visiting, Bermondsey and Rotherhithe",
        "Metropolitan Police, Central South child abuse investigation team",
        "South London and Maudsley Child and Adolescent Mental Health Service, Carelink",
        "Camberwell Green GP surgery",
        "Children and Family Court Advisory and Support Service (Cafcass), London",
        "Bede House domestic abuse project",
        "Housing solutions, Peckham",
    ),
    "sussex": (
        "Hollingdean Infant School",
        "Sussex Police, Safeguarding Investigations Unit, Brighton and Hove",
        "Sussex Community NHS Foundation Trust, Healthy Child Programme, East and West Sussex",
        "Worthing GP surgery",
        "Rise domestic abuse service",
        "Housing needs, Lewes",
    ),
}


def agencies_of(authority: str) -> tuple[str, ...]:
    """The agencies around the children of an authority."""
    local = _LOCAL.get(authority, ())
    return local + tuple(each for each in _EVERYWHERE if each not in local)
