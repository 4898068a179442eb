"""What one person keeps: views, followed cases, presence, absences."""
